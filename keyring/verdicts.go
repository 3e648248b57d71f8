package keyring

import (
	"errors"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// verdicts are what came of the tries of a Load that waits.
type verdicts struct {
	*vigil
	first  *try // that of all KEKs together, once it has failed
	latest map[*asker]try
	broken error // of the store: there is nothing to wait for
}

// goOn notes a try that failed and reports whether to wait for another: as long as a KEK's latest error is of class Later.
// With Ask alone somebody has to act, and hears of it sooner when the start fails.
func (s *verdicts) goOn(t try) bool {
	if !isOfKEK(t.err) {
		s.broken = t.err
		return false
	}
	if t.by == nil {
		s.first = &t
	} else {
		s.latest[t.by] = t
	}
	if !s.hopeful(t.of) {
		return false // the error of Load says why
	}
	s.log(t)
	return true
}

// hopeful reports whether somebody may open the keystore of that digest who has not been asked about it, or who said
// Later.
func (s *verdicts) hopeful(of keystore.Digest) bool {
	if s.first == nil {
		return true
	}
	for _, a := range s.askers {
		said, ok := s.latest[a]
		if !ok {
			said = *s.first
		}
		if said.of != of || wrappers.HasClass(said.err, wrappers.Later) {
			return true
		}
	}
	return false
}

// cutShort notes a try that ended because all were to stop. Its error says no more than that, unless there is no other.
func (s *verdicts) cutShort(t try) {
	if t.by == nil && s.first == nil {
		s.first = &t
	}
	if _, ok := s.latest[t.by]; t.by != nil && !ok && isOfKEK(t.err) {
		s.latest[t.by] = t
	}
}

// causes returns the latest that is known of each KEK. Where that is only that those who can be asked again are too few,
// as when a person has a share of theirs, the first try says who failed.
func (s *verdicts) causes() error {
	if s.broken != nil {
		return s.broken
	}
	var errs []error
	for _, a := range s.askers {
		if t, ok := s.latest[a]; ok {
			errs = append(errs, t.err)
		}
	}
	if len(errs) < len(s.askers) || len(kekErrors(errors.Join(errs...))) == 0 {
		errs = append([]error{s.first.err}, errs...)
	}
	return errors.Join(errs...)
}

// log says who failed, how, and when they are asked again.
func (s *verdicts) log(t try) {
	if t.known {
		return
	}
	failed := kekErrors(t.err)
	for _, err := range failed {
		attrs := []any{"kek", err.KEK, "error", err}
		if mayAnswer(err) {
			attrs = append(attrs, "next", rounded(t.next))
		}
		s.ring.opts.Logger.Warn("keyring: KEK did not open the keystore, waiting", attrs...)
	}
	if len(failed) == 0 { // no KEK was asked, which has its reason
		s.ring.opts.Logger.Warn("keyring: keystore not opened, waiting", "keks", t.by.String(), "error", t.err, "next", rounded(t.next))
	}
}

// rounded is a pause as people read it. Its jitter has nine digits.
func rounded(pause time.Duration) time.Duration { return pause.Round(100 * time.Millisecond) }

// kekErrors returns what in err is about one KEK each.
func kekErrors(err error) []*wrappers.Error {
	switch e := err.(type) {
	case *wrappers.Error:
		return []*wrappers.Error{e}
	case interface{ Unwrap() error }:
		return kekErrors(e.Unwrap())
	case interface{ Unwrap() []error }:
		var all []*wrappers.Error
		for _, err := range e.Unwrap() {
			all = append(all, kekErrors(err)...)
		}
		return all
	}
	return nil
}

// isOfKEK reports whether an error is about a KEK, and not about the store or what it holds.
func isOfKEK(err error) bool {
	return mayAnswer(err) || wrappers.HasClass(err, wrappers.Never) || errors.Is(err, ErrNoKEK) || errors.Is(err, ErrPinRequired)
}
