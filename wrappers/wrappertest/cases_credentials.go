package wrappertest

import "github.com/sealwax/sealwax/wrappers"

// expiredCredentials wants a wrapper to find new credentials where it found the old ones: agents replace them in files, and
// nobody restarts a server for that.
func expiredCredentials(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Expire != nil && e.Reload != nil })
	k, plaintext := s.kek(), s.plaintext(32)
	w := s.wrap(k, plaintext)

	e.Expire(s.T)
	_, err := k.Unwrap(s.Context(), w, aad)
	s.wantExplained(s.wantClass(err, wrappers.Ask, "Unwrap with expired credentials"))
	e.Reload(s.T)
	s.wantOpen(k, w, plaintext)
	s.wantOpen(k, s.wrap(k, plaintext), plaintext)
}

func untrustedCertificate(s *suite) {
	if s.h.Untrusted == nil {
		s.Skip("the provider has no Untrusted")
	}
	w := s.wrap(s.kek(), s.plaintext(32))
	k, before := s.kekOver(s.h.Untrusted(s.T)), s.calls()
	_, err := k.Unwrap(s.Context(), w, aad)
	s.wantExplained(s.wantClass(err, wrappers.Ask, "Unwrap with an engine whose certificate nobody trusts"))
	s.wantCalls(before, 0, "a call to an engine whose certificate nobody trusts")
}
