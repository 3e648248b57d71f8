package aead

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// selectorSize is the length of the first half of an XAES-256-GCM nonce, which picks the subkey.
const selectorSize = 12

// A kdf derives the subkeys of one XAES-256-GCM key: the counter mode KDF of NIST SP 800-108r1 over AES-CMAC, which for
// inputs of one block is what c2sp.org/XAES-256-GCM writes down in six steps.
type kdf struct {
	block cipher.Block // AES-256 under the key
	k1    [aes.BlockSize]byte
}

// newKDF takes steps 1 and 2, which all selectors share: K1 = L << 1, reduced, where L is a block of zeros encrypted.
func newKDF(block cipher.Block) *kdf {
	k := &kdf{block: block}
	block.Encrypt(k.k1[:], k.k1[:])
	var carry byte
	for i := len(k.k1) - 1; i >= 0; i-- {
		k.k1[i], carry = k.k1[i]<<1|carry, k.k1[i]>>7
	}
	k.k1[len(k.k1)-1] ^= carry * 0b10000111 // without a branch on the secret
	return k
}

// derive takes steps 3 to 5: it returns AES-256-GCM under the subkey of selector.
//
//	subkey = AES(M1 ^ K1) || AES(M2 ^ K1),  Mi = 0x00 || i || 'X' || 0x00 || selector
func (k *kdf) derive(selector [selectorSize]byte) cipher.AEAD {
	var key [KeySize]byte
	defer clear(key[:])
	for i, half := range [][]byte{key[:aes.BlockSize], key[aes.BlockSize:]} {
		half[1], half[2] = byte(i+1), 'X'
		copy(half[4:], selector[:])
		subtle.XORBytes(half, half, k.k1[:])
		k.block.Encrypt(half, half)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("aead: " + err.Error()) // cannot be: 32 bytes are a key of AES-256
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("aead: " + err.Error()) // cannot be: New has tried with such a block
	}
	return gcm
}
