package aead

import "unsafe"

// extend returns dst grown by n bytes, and these n bytes. It allocates only where dst has no room for them, and then
// doubles, so that appending message after message takes linear time.
func extend(dst []byte, n int) (all, out []byte) {
	size := len(dst) + n
	if size <= cap(dst) {
		all = dst[:size]
	} else {
		all = make([]byte, size, max(size, 2*len(dst)))
		copy(all, dst)
	}
	return all, all[len(dst):]
}

// inPlace reports whether out begins at the first byte of in. It panics if they share memory in another way.
func inPlace(out, in []byte, message string) bool {
	if !overlap(out, in) {
		return false
	}
	if &out[0] != &in[0] {
		panic(message)
	}
	return true
}

// overlap reports whether x and y share a byte of memory. Addresses can be compared because both slices go on to a
// cipher.AEAD and therefore lie on the heap, where Go moves nothing; stacks it does move.
func overlap(x, y []byte) bool {
	return len(x) > 0 && len(y) > 0 &&
		uintptr(unsafe.Pointer(&x[0])) <= uintptr(unsafe.Pointer(&y[len(y)-1])) &&
		uintptr(unsafe.Pointer(&y[0])) <= uintptr(unsafe.Pointer(&x[len(x)-1]))
}
