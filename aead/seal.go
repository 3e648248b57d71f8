package aead

// maxPlaintext is GCM's limit: 2^32-2 blocks, because the block counter has 32 bits and two of its values are taken.
const maxPlaintext = (1<<32 - 2) * 16

// Seal seals plaintext, authenticates additionalData with it, and appends the message to dst. It returns the extended
// slice, as append does, and allocates only if dst lacks room for len(plaintext) + Overhead() more bytes. Plaintext,
// additional data and dst may be empty or nil. Seal keeps no slice that it is given.
//
// To seal in place use plaintext[:0] as dst, or any dst whose end is where plaintext begins. Seal panics, before it
// writes anything, if the bytes that it would write overlap plaintext in another way or additionalData at all, and if
// plaintext is longer than 2^36-32 bytes. It cannot fail otherwise: the program ends if the system has no random bytes.
func (a *AEAD) Seal(dst, plaintext, additionalData []byte) []byte {
	if uint64(len(plaintext)) > maxPlaintext {
		panic("aead: plaintext longer than 2^36-32 bytes")
	}
	all, out := extend(dst, a.Overhead()+len(plaintext))
	moves := inPlace(out, plaintext, "aead: the output overlaps the plaintext")
	if overlap(out, additionalData) {
		panic("aead: the output overlaps the additional data")
	}

	n := units(len(plaintext))
	s := a.take(n)
	body := out[len(s.head):]
	if moves {
		// Before the head is written where the plaintext begins, the plaintext moves to the one place from which the
		// standard library seals in place.
		copy(body, plaintext)
		plaintext = body[:len(plaintext)]
	}
	copy(out, s.head)
	s.gcm.Seal(body[:0], nil, plaintext, additionalData)
	if n > 0 || sampled(body) {
		a.note(s, n, len(plaintext))
	}
	return all
}
