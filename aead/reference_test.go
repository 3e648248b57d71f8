package aead

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"math/bits"
)

// What stands here is written from the specifications, for the tests to compare with: it shares no line with the
// package, takes the nonce from its caller, and needs nothing that GODEBUG=fips140=only forbids.

// referenceSeal returns the message without its prefix: the whole nonce (24 or 12 bytes), ciphertext, tag.
func referenceSeal(suite Suite, key, nonce, plaintext, additionalData []byte) []byte {
	n := nonce
	if suite == XAES256GCM {
		key, n = referenceSubkey(key, nonce[:12]), nonce[12:]
	}
	return append(append([]byte(nil), nonce...), referenceGCM(key, n, plaintext, additionalData)...)
}

// referenceSubkey is NIST SP 800-108r1, section 4.1, over CMAC of NIST SP 800-38B: label 'X', context selector, counter
// of 16 bits, no L.
func referenceSubkey(key, selector []byte) []byte {
	block := mustAES(key)
	out := make([]byte, 0, 32)
	for i := byte(1); len(out) < 32; i++ {
		out = append(out, referenceCMAC(block, append([]byte{0, i, 'X', 0}, selector...))...)
	}
	return out
}

// referenceCMAC is CMAC of exactly one block.
func referenceCMAC(block cipher.Block, message []byte) []byte {
	l := make([]byte, 16)
	block.Encrypt(l, l)
	hi, lo := binary.BigEndian.Uint64(l), binary.BigEndian.Uint64(l[8:])
	k1hi, k1lo := hi<<1|lo>>63, lo<<1
	if hi>>63 == 1 {
		k1lo ^= 0x87
	}
	mac := make([]byte, 16)
	binary.BigEndian.PutUint64(mac, k1hi^binary.BigEndian.Uint64(message))
	binary.BigEndian.PutUint64(mac[8:], k1lo^binary.BigEndian.Uint64(message[8:]))
	block.Encrypt(mac, mac)
	return mac
}

// referenceGCM is GCM-AE of NIST SP 800-38D, section 7.1, for nonces of 12 bytes: it returns ciphertext and tag.
func referenceGCM(key, nonce, plaintext, additionalData []byte) []byte {
	block := mustAES(key)
	counter := append(append([]byte(nil), nonce...), 0, 0, 0, 1)
	stream := cipher.NewCTR(block, counter)
	mask := make([]byte, 16) // the counter's first block masks the tag
	stream.XORKeyStream(mask, mask)
	out := make([]byte, len(plaintext), len(plaintext)+16)
	stream.XORKeyStream(out, plaintext)

	h := make([]byte, 16)
	block.Encrypt(h, h)
	y := ghash{h: [2]uint64{binary.BigEndian.Uint64(h), binary.BigEndian.Uint64(h[8:])}}
	y.write(additionalData)
	y.write(out)
	y.block(uint64(len(additionalData))*8, uint64(len(out))*8)
	tag := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, y.y[0]), y.y[1])
	subtle.XORBytes(tag, tag, mask)
	return append(out, tag...)
}

// ghash is NIST SP 800-38D, section 6.4, a bit at a time.
type ghash struct{ h, y [2]uint64 }

// write adds data, padded with zeros to whole blocks.
func (g *ghash) write(data []byte) {
	for len(data) > 0 {
		var b [16]byte
		data = data[copy(b[:], data):]
		g.block(binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:]))
	}
}

// block sets y = (y ^ x) * h in GF(2^128), where the first bit of a block is the lowest coefficient.
func (g *ghash) block(hi, lo uint64) {
	x, v, z := [2]uint64{g.y[0] ^ hi, g.y[1] ^ lo}, g.h, [2]uint64{}
	for i := range 128 {
		bit := -(bits.RotateLeft64(x[i/64], i%64+1) & 1) // all ones where coefficient i of x is set
		z[0] ^= v[0] & bit
		z[1] ^= v[1] & bit
		reduce := -(v[1] & 1) & (0xe1 << 56)
		v[0], v[1] = v[0]>>1^reduce, v[1]>>1|v[0]<<63
	}
	g.y = z
}

func mustAES(key []byte) cipher.Block {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	return block
}
