package wrappertest

import (
	"bytes"
	"slices"

	"github.com/sealwax/sealwax/wrappers"
)

func roundTrip(s *suite) {
	k := s.kek()
	for _, n := range []int{1, 32, wrappers.MaxPlaintext} {
		plaintext, where := s.plaintext(n), bytes.Clone(aad)
		given := bytes.Clone(plaintext)
		w, err := k.Wrap(s.Context(), given, where)
		if err != nil {
			s.Fatalf("Wrap of %d bytes: %v", n, err)
		}
		if !bytes.Equal(given, plaintext) || !bytes.Equal(where, aad) {
			s.Error("Wrap changed what it was given")
		}
		if n >= 32 && bytes.Contains(w.Blob, plaintext) {
			s.Error("the blob shows the plaintext")
		}
		s.wantOpen(k, w, plaintext)
		s.wantOpen(s.kek(), w, plaintext) // as after a restart
	}
}

func twoWrapsDiffer(s *suite) {
	k, plaintext := s.kek(), s.plaintext(32)
	if bytes.Equal(s.wrap(k, plaintext).Blob, s.wrap(k, plaintext).Blob) {
		s.Error("the same plaintext was wrapped to the same blob twice")
	}
}

func emptyAndTooLarge(s *suite) {
	k, before := s.kek(), s.calls()
	for _, n := range []int{0, wrappers.MaxPlaintext + 1} {
		_, err := k.Wrap(s.Context(), s.plaintext(n), aad)
		s.wantClass(err, wrappers.Never, "Wrap of an empty or too large plaintext")
	}
	s.wantCalls(before, 0, "Wrap of an empty or too large plaintext")
}

func otherContext(s *suite) {
	if s.h.IgnoresContext != "" {
		s.Skip(s.h.IgnoresContext)
	}
	k := s.kek()
	w := s.wrap(k, s.plaintext(32))
	s.wantRefused(k, w, append(bytes.Clone(aad), 'x'), "a blob in another context")
	s.wantRefused(k, w, nil, "a blob without its context")
}

func wrongKey(s *suite) {
	if s.h.WrongKey == nil {
		s.Skip("the provider has no WrongKey")
	}
	w := s.wrap(s.kek(), s.plaintext(32))
	other := s.kekOver(s.h.WrongKey(s.T))
	s.wantRefused(other, w, aad, "another key's blob")

	// The same when the key ID and version, which anybody can write, claim otherwise.
	claims, theirs := *w, s.wrap(other, s.plaintext(32))
	claims.KeyID, claims.KeyVersion = theirs.KeyID, theirs.KeyVersion
	s.wantRefused(other, &claims, aad, "another key's blob with this key's ID")
}

func otherKeyID(s *suite) {
	wrapper := s.h.New(s.T)
	k := s.kekOver(wrapper)
	if _, ok := wrapper.(wrappers.Schemer); !ok {
		s.Skip("not a Schemer: its key ID is in the blob")
	}
	w := *s.wrap(k, s.plaintext(32))
	w.KeyID += "x"
	s.wantRefused(k, &w, aad, "a blob with another key's ID")
}

func damagedByte(s *suite) {
	k := s.kek()
	w := s.wrap(k, s.plaintext(32))
	for i := range w.Blob {
		damaged := *w
		damaged.Blob = bytes.Clone(w.Blob)
		damaged.Blob[i] ^= 1
		if _, err := k.Unwrap(s.Context(), &damaged, aad); err == nil {
			s.Errorf("a blob with byte %d of %d changed still opens", i, len(w.Blob))
		} else {
			s.wantClass(err, wrappers.Never, "Unwrap of a damaged blob")
		}
	}
}

func cutOffAndLonger(s *suite) {
	k := s.kek()
	w := s.wrap(k, s.plaintext(32))
	for n := range w.Blob {
		short := *w
		short.Blob = w.Blob[:n:n]
		s.wantRefused(k, &short, aad, "a blob cut off")
	}
	long := *w
	long.Blob = append(slices.Clip(w.Blob), 0)
	s.wantRefused(k, &long, aad, "a blob with a byte too many")
}

func notABlob(s *suite) {
	k := s.kek()
	w := s.wrap(k, s.plaintext(32))
	change := func(f func(*wrappers.Wrapped)) *wrappers.Wrapped {
		changed := *w
		f(&changed)
		return &changed
	}
	s.wantMalformed(k, nil, "nil")
	s.wantMalformed(k, &wrappers.Wrapped{}, "a zero Wrapped")
	s.wantMalformed(k, change(func(w *wrappers.Wrapped) { w.Blob = nil }), "no bytes")
	s.wantMalformed(k, change(func(w *wrappers.Wrapped) { w.Blob = w.Blob[:1] }), "one byte")
	s.wantMalformed(k, change(func(w *wrappers.Wrapped) { w.Blob = make([]byte, wrappers.MaxBlob+1) }), "too many bytes")
	s.wantMalformed(k, change(func(w *wrappers.Wrapped) { w.Scheme += "x" }), "another scheme")
	s.wantMalformed(k, change(func(w *wrappers.Wrapped) { w.KeyID = "a\nb" }), "a key ID that no keystore holds")
}

func wrapOnly(s *suite) {
	if s.h.WrapOnly == nil {
		s.Skip("the provider has no WrapOnly")
	}
	k, plaintext := s.kekOver(s.h.WrapOnly(s.T)), s.plaintext(32)
	if !k.WrapOnly() {
		s.Fatal("WrapOnly: got false, want true")
	}
	w := s.wrap(k, plaintext)
	s.wantRefused(k, w, aad, "a blob by a KEK that can only wrap")
	s.wantOpen(s.kek(), w, plaintext)
}
