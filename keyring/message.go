package keyring

import "github.com/sealwax/sealwax/keystore"

// A sealed message is
//
//	 0  format, 0x01
//	 1  key ID      16
//	17  nonce       24 (XAES-256-GCM) or 12 (AES-256-GCM)
//	    ciphertext  as long as the plaintext
//	    tag         16
//
// The header is not part of the associated data: the sealing key is derived from the key ID and this format's label, so
// another header opens under another key or not at all.
const (
	messageFormat = 0x01
	headerSize    = 1 + 16
)

// messageHeader returns what every message under key id starts with.
func messageHeader(id keystore.ID) []byte {
	return append([]byte{messageFormat}, id[:]...)
}

// MessageKey returns the ID of the key that a message says it is sealed with, from its header alone: whoever wrote the
// message chose it, and only Open proves it. The error is ErrFormat. It keeps nothing of msg, and allocates nothing but
// an error.
func MessageKey(msg []byte) (keystore.ID, error) {
	if len(msg) < headerSize || msg[0] != messageFormat {
		return keystore.ID{}, errFormat(msg)
	}
	return keystore.ID(msg[1:headerSize]), nil
}
