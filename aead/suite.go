package aead

import "fmt"

// Suite says how a message is sealed. The numbers are part of the keystore's format and never change their meaning.
type Suite uint8

const (
	// XAES256GCM is XAES-256-GCM. Take it unless you know why not.
	XAES256GCM Suite = 1
	// AES256GCM is AES-256-GCM with random nonces: 12 bytes less a message, and at most 2^32 messages a key, which its
	// user has to count.
	AES256GCM Suite = 2
)

// String returns "XAES-256-GCM" or "AES-256-GCM", and "Suite(N)" for any other number.
func (s Suite) String() string {
	switch s {
	case XAES256GCM:
		return "XAES-256-GCM"
	case AES256GCM:
		return "AES-256-GCM"
	}
	return fmt.Sprintf("Suite(%d)", uint8(s))
}

// Limits returns how much one key may seal, over all processes: messages, and bytes of their plaintexts. The package
// comment says why. Both are zero for a suite that this package does not know.
func (s Suite) Limits() (messages, bytes uint64) {
	switch s {
	case XAES256GCM:
		return 1 << 45, 1 << 61
	case AES256GCM:
		return 1 << 32, 1 << 52
	}
	return 0, 0
}
