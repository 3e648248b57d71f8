package aead

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// scene is one thing to seal: everything in it is arbitrary.
type scene struct {
	suite                              Suite
	key, prefix, before, plaintext, ad []byte
	a                                  *AEAD
}

func drawScene(t *rapid.T) *scene {
	upTo := func(n int, name string) []byte { return rapid.SliceOfN(rapid.Byte(), 0, n).Draw(t, name) }
	s := &scene{
		suite:     rapid.SampledFrom(suites).Draw(t, "suite"),
		key:       rapid.SliceOfN(rapid.Byte(), KeySize, KeySize).Draw(t, "key"),
		prefix:    upTo(20, "prefix"),
		before:    upTo(20, "before"), // what dst holds already
		plaintext: upTo(200, "plaintext"),
		ad:        upTo(40, "additional data"),
	}
	s.a = s.holder(t)
	return s
}

// holder returns another AEAD with the key of s, which shares nothing with s.a.
func (s *scene) holder(t *rapid.T) *AEAD {
	a, err := New(s.suite, s.key, s.prefix)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestSealIsTheSpecification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		got := s.a.Seal(bytes.Clone(s.before), s.plaintext, s.ad)
		head := len(s.before) + len(s.prefix)
		nonce := got[head : head+s.a.Overhead()-len(s.prefix)-tagSize]
		want := append(bytes.Clone(s.before), s.prefix...)
		want = append(want, referenceSeal(s.suite, s.key, nonce, s.plaintext, s.ad)...)
		if !bytes.Equal(got, want) {
			t.Fatalf("%v: Seal = %x, want %x", s.suite, got, want)
		}
	})
}

func TestOpenReturnsWhatWasSealed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		message := s.a.Seal(nil, s.plaintext, s.ad)
		kept := bytes.Clone(message)
		for _, opener := range []*AEAD{s.a, s.holder(t)} {
			for range 2 { // the second time, its subkey is in the cache
				got, err := opener.Open(bytes.Clone(s.before), message, s.ad)
				if want := append(bytes.Clone(s.before), s.plaintext...); err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%v: Open = %x, %v, want %x", s.suite, got, err, want)
				}
				if !bytes.Equal(message, kept) {
					t.Fatalf("%v: Open changed its message", s.suite)
				}
			}
		}
	})
}

// TestInPlace seals and opens where the input begins, behind other data in the same array.
func TestInPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		room := rapid.IntRange(0, 100).Draw(t, "room") // with less than the overhead, Seal has to move elsewhere
		buf := make([]byte, 0, len(s.before)+len(s.plaintext)+room)
		buf = append(append(buf, s.before...), s.plaintext...)
		n := len(s.before)
		sealed := s.a.Seal(buf[:n], buf[n:], s.ad)
		if !bytes.HasPrefix(sealed, s.before) {
			t.Fatalf("%v: Seal in place changed what stood before: %x", s.suite, sealed)
		}

		limit := n + len(s.plaintext) + rapid.IntRange(0, 28).Draw(t, "capacity") // of dst, not of the message
		opened, err := s.holder(t).Open(sealed[:n:limit], sealed[n:], s.ad)
		if want := append(s.before, s.plaintext...); err != nil || !bytes.Equal(opened, want) {
			t.Fatalf("%v: Open in place = %x, %v, want %x", s.suite, opened, err, want)
		}
		if behind := sealed[len(opened):]; showsPlaintext(behind, s.plaintext) {
			t.Fatalf("%v: plaintext %x remains behind what Open returned: %x", s.suite, s.plaintext, behind)
		}
	})
}

// TestRefused: whatever differs from what was sealed does not open, leaves no plaintext, and leaves the cache alone.
func TestRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		message := s.a.Seal(nil, s.plaintext, s.ad)
		opener := s.holder(t)
		refuse := func(what string, a *AEAD, message, ad []byte) {
			room := make([]byte, 5+len(message))
			got, err := a.Open(room[:5], message, ad)
			if got != nil || err != ErrOpen || showsPlaintext(room, s.plaintext) {
				t.Fatalf("%v, %s: Open = %x, %v, leaving %x in dst; want ErrOpen and no plaintext", s.suite, what, got, err, room)
			}
			message = bytes.Clone(message)
			got, err = a.Open(message[:0], message, ad)
			if got != nil || err != ErrOpen || showsPlaintext(message, s.plaintext) {
				t.Fatalf("%v, %s: Open in place = %x, %v, leaving %x; want ErrOpen and no plaintext", s.suite, what, got, err, message)
			}
		}

		i := rapid.IntRange(0, len(message)-1).Draw(t, "changed byte")
		changed := bytes.Clone(message)
		changed[i] ^= rapid.ByteRange(1, 255).Draw(t, "change")
		refuse("a changed byte", s.a, changed, s.ad)
		refuse("a changed byte", opener, changed, s.ad)
		refuse("cut", opener, message[:i], s.ad)
		refuse("one byte more", opener, append(bytes.Clone(message), 0), s.ad)
		refuse("other additional data", opener, message, append(bytes.Clone(s.ad), 0))

		other := *s
		other.prefix = append(bytes.Clone(s.prefix), 0)
		refuse("a longer prefix", other.holder(t), message, s.ad)
		refuse("a shorter prefix", s.holder(t), other.holder(t).Seal(nil, s.plaintext, s.ad), s.ad)
		other = *s
		other.key = bytes.Clone(s.key)
		other.key[i%KeySize] ^= 1
		refuse("another key", other.holder(t), message, s.ad)

		if got := kept(opener); got != 0 {
			t.Fatalf("%d subkeys in the cache after nothing but forgeries", got)
		}
	})
}

// TestEveryByteCounts changes each byte of a message in turn, the prefix included.
func TestEveryByteCounts(t *testing.T) {
	for _, suite := range suites {
		a := mustNew(t, suite, make([]byte, KeySize), []byte("prefix"))
		message := a.Seal(nil, []byte("a plaintext of more than one block"), []byte("place"))
		for i := range message {
			for bit := range 8 {
				message[i] ^= 1 << bit
				if got, err := a.Open(nil, message, []byte("place")); got != nil || err != ErrOpen {
					t.Errorf("%v: bit %d of byte %d changed: Open = %q, %v, want ErrOpen", suite, bit, i, got, err)
				}
				message[i] ^= 1 << bit
			}
		}
	}
}

// showsPlaintext reports whether b holds eight bytes in a row of plaintext. Rows of one repeated byte say nothing:
// cleared memory has them too.
func showsPlaintext(b, plaintext []byte) bool {
	for ; len(plaintext) >= 8; plaintext = plaintext[1:] {
		row := plaintext[:8]
		if bytes.Count(row, row[:1]) < 4 && bytes.Contains(b, row) {
			return true
		}
	}
	return false
}

// kept counts the subkeys in the cache of a.
func kept(a *AEAD) (n int) {
	for i := range a.opened {
		if a.opened[i].Load() != nil {
			n++
		}
	}
	return n
}
