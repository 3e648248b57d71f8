package rekey

import (
	"bytes"
	"testing"
)

// TestSame flips each bit of texts that end anywhere within eight bytes.
func TestSame(t *testing.T) {
	for size := range 26 {
		a := bytes.Repeat([]byte{0x5a}, size)
		b := bytes.Clone(a)
		if !same(a, b) {
			t.Errorf("%d bytes are not the same as themselves", size)
		}
		if same(a, append(b, 0x5a)) || same(append(b, 0), a) {
			t.Errorf("%d bytes are the same as one more", size)
		}
		for bit := range 8 * size {
			b[bit/8] ^= 1 << (bit % 8)
			if same(a, b) || same(b, a) {
				t.Errorf("of %d bytes bit %d does not count", size, bit)
			}
			b[bit/8] ^= 1 << (bit % 8)
		}
	}
}
