package wrappertest

import "github.com/sealwax/sealwax/wrappers"

func wrongAccount(s *suite) {
	if s.h.WrongAccount == nil {
		s.Skip("the provider has no WrongAccount")
	}
	k, other := s.kek(), s.kekOver(s.h.WrongAccount(s.T))
	ours, theirs := s.wrap(k, s.plaintext(32)), s.wrap(other, s.plaintext(32))
	s.wantStrange(other, ours)
	s.wantStrange(k, theirs)

	// The same when the key ID, which anybody can write, claims otherwise.
	claims := *ours
	claims.KeyID = theirs.KeyID
	s.wantStrange(other, &claims)
}

// wantStrange wants w not to open. Whether the provider says that it is not its own, or that nothing is granted there, is the
// provider's to decide.
func (s *suite) wantStrange(k *wrappers.KEK, w *wrappers.Wrapped) {
	s.Helper()
	_, err := k.Unwrap(s.Context(), w, aad)
	class := wrappers.Never
	if wrappers.ClassOf(err) == wrappers.Ask {
		class = wrappers.Ask
	}
	s.wantExplained(s.wantClass(err, class, "Unwrap of another account's blob"))
}

func rotation(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Rotate != nil })
	k, plaintext := s.kek(), s.plaintext(32)
	old := s.wrap(k, plaintext)

	e.Rotate(s.T)
	next := s.wrap(k, plaintext)
	for _, k := range []*wrappers.KEK{k, s.kek()} {
		s.wantOpen(k, old, plaintext)
		s.wantOpen(k, next, plaintext)
	}
	if old.KeyVersion != "" && old.KeyVersion == next.KeyVersion {
		s.Errorf("key version after a rotation: still %q", next.KeyVersion)
	}
	if old.KeyID != next.KeyID {
		s.Errorf("key ID after a rotation: got %q, want %q, or old stanzas are taken for another key's", next.KeyID, old.KeyID)
	}
}

func disabledKey(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Disable != nil })
	s.wantRefusal(e, e.Disable)
}

func deletionPending(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Delete != nil })
	s.wantRefusal(e, e.Delete)
}
