package aead

import (
	"bytes"
	"fmt"
	"testing"
)

// span is a part of one array that dst, input and additional data share.
type span struct{ from, to int }

const (
	arraySize = 400
	inputSize = 100 // of a plaintext
)

// TestOverlap places the end of dst, the input and the additional data in one array. What Seal writes begins at the
// end of dst and is as long as the message; what Open writes is as long as the plaintext.
func TestOverlap(t *testing.T) {
	const in = "the output overlaps the "
	for _, suite := range suites {
		a := mustNew(t, suite, make([]byte, KeySize), []byte("prefix"))
		grow := a.Overhead()
		for _, c := range []struct {
			name       string
			dst, input int // where dst ends, where the input begins
			ad         span
			seal, open string // panics
		}{
			{"apart", 0, 200, span{380, 390}, "", ""},
			{"input before dst", 200, 0, span{380, 390}, "", ""},
			{"in place", 50, 50, span{300, 310}, "", ""},
			{"in place, nothing before", 0, 0, span{300, 310}, "", ""},
			{"dst one byte before the input", 49, 50, span{300, 310}, in + "plaintext", in + "message"},
			{"dst one byte behind the input's first", 51, 50, span{300, 310}, in + "plaintext", in + "message"},
			{"dst ends in the input's last byte", 199, 200 - inputSize, span{380, 390}, in + "plaintext", in + "message"},
			{"input's first byte is the last written by Open", 50, 50 + inputSize - 1, span{390, 395}, in + "plaintext", in + "message"},
			{"input right behind what Open writes", 50, 50 + inputSize, span{390, 395}, in + "plaintext", ""},
			{"input right behind what Seal writes", 50, 50 + inputSize + grow, span{0, 10}, "", ""},
			{"additional data right before the output", 50, 250, span{40, 50}, "", ""},
			{"additional data in the first byte", 50, 250, span{40, 51}, in + "additional data", in + "additional data"},
			{"additional data in the last byte of Open", 50, 250, span{50 + inputSize - 1, 240}, in + "additional data", in + "additional data"},
			{"additional data right behind Open's output", 50, 250, span{50 + inputSize, 240}, in + "additional data", ""},
			{"additional data in the input, where Open has the prefix", 0, 200, span{200, 206}, "", ""},
			{"in place, additional data in the tag", 50, 50, span{50 + inputSize + grow - 1, 300}, in + "additional data", in + "additional data"},
			{"in place, additional data right behind the tag", 50, 50, span{50 + inputSize + grow, 300}, "", ""},
			{"no additional data", 50, 250, span{50, 50}, "", ""},
		} {
			t.Run(fmt.Sprintf("%v/%s", suite, c.name), func(t *testing.T) {
				array := pattern(arraySize)
				ad := array[c.ad.from:c.ad.to]
				checkPanic(t, "Seal", c.seal, array, func() {
					want := bytes.Clone(array[c.input : c.input+inputSize])
					adThen := bytes.Clone(ad)
					message := a.Seal(array[:c.dst], array[c.input:c.input+inputSize], ad)
					if got, err := a.Open(nil, message[c.dst:], adThen); err != nil || !bytes.Equal(got, want) {
						t.Errorf("Open of what Seal wrote = %x, %v, want %x", got, err, want)
					}
				})

				array = pattern(arraySize + grow)
				ad = array[c.ad.from:c.ad.to]
				message := array[c.input : c.input+inputSize+grow]
				copy(message, "prefix") // before it is sealed as additional data
				copy(message, a.Seal(nil, pattern(inputSize), ad))
				checkPanic(t, "Open", c.open, array, func() {
					got, err := a.Open(array[:c.dst], message, ad)
					if err != nil || !bytes.Equal(got[c.dst:], pattern(inputSize)) {
						t.Errorf("Open = %x, %v, want %x", got, err, pattern(inputSize))
					}
				})
			})
		}
	}
}

// TestNoRoomIsNoOverlap: dst lacks room, so that the output is elsewhere whatever stands behind dst.
func TestNoRoomIsNoOverlap(t *testing.T) {
	for _, suite := range suites {
		a := mustNew(t, suite, make([]byte, KeySize), nil)
		array := pattern(100)
		message := a.Seal(array[:10:20], array[5:15], array[12:18])
		if !bytes.Equal(array, pattern(100)) {
			t.Errorf("%v: Seal wrote into an array that had no room", suite)
		}
		got, err := a.Open(message[:10:12], message[10:], array[12:18])
		if err != nil || !bytes.Equal(got[10:], array[5:15]) {
			t.Errorf("%v: Open = %x, %v, want %x", suite, got, err, array[5:15])
		}
	}
}

// checkPanic runs f, which must panic with "aead: "+want, array unchanged, or not at all if want is empty.
func checkPanic(t *testing.T, what, want string, array []byte, f func()) {
	t.Helper()
	before := bytes.Clone(array)
	defer func() {
		t.Helper()
		got := recover()
		if want == "" && got != nil || want != "" && got != "aead: "+want {
			t.Errorf("%s panicked with %v, want %q", what, got, want)
		}
		if want != "" && !bytes.Equal(array, before) {
			t.Errorf("%s wrote before it panicked", what)
		}
	}()
	f()
}

// pattern returns n bytes without long repetitions.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*i>>3 + i)
	}
	return b
}
