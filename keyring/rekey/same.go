package rekey

import (
	"crypto/subtle"
	"encoding/binary"
)

// same is subtle.ConstantTimeCompare, eight bytes at a time: one after the other would take longer than to open the
// message that is compared.
func same(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	var differ uint64
	for ; len(a) >= 8; a, b = a[8:], b[8:] {
		differ |= binary.NativeEndian.Uint64(a) ^ binary.NativeEndian.Uint64(b)
	}
	rest := subtle.ConstantTimeCompare(a, b)
	return differ == 0 && rest == 1
}
