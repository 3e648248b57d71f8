package aead

import (
	"bytes"
	"errors"
)

// ErrOpen is the error of every message that does not open. It has no reasons: whether the message was cut, changed,
// sealed under another key or prefix or with other additional data is nothing that an attacker should learn.
var ErrOpen = errors.New("aead: message is not authentic")

// Open authenticates message and additionalData and appends the plaintext to dst. It returns the extended slice, as
// append does, and allocates only if dst lacks room for the plaintext or if it meets a new selector. Open keeps no slice
// that it is given.
//
// If message was not sealed by this key under this prefix with this additionalData, Open returns nil and [ErrOpen]. The
// room behind dst then holds nothing of the plaintext; Open may have overwritten it with zeros.
//
// To open in place use message[:0] as dst, or any dst whose end is where message begins. The message is lost then,
// authentic or not. Open panics, before it writes anything, if the bytes that it would write overlap message in another
// way or additionalData at all; in place, these are all the bytes of message.
func (a *AEAD) Open(dst, message, additionalData []byte) ([]byte, error) {
	size := len(message) - a.Overhead()
	if size < 0 {
		return nil, ErrOpen
	}
	s, known := a.find(message[:a.headSize])
	all, out := extend(dst, size)
	moves := inPlace(out, message, "aead: the output overlaps the message")
	if overlap(out, additionalData) || moves && overlap(message, additionalData) {
		panic("aead: the output overlaps the additional data")
	}
	if s == nil {
		return nil, ErrOpen
	}
	body := message[a.headSize:]
	if moves {
		// The standard library opens in place only where its message, which has no head, begins. Nothing but
		// ciphertext moves, so none of the plaintext remains behind its end.
		body = message[:copy(message, body)]
		out = body
	}
	if _, err := s.gcm.Open(out[:0], nil, body, additionalData); err != nil {
		return nil, ErrOpen
	}
	if !known {
		a.opened.put(s)
	}
	return all, nil
}

// find returns the subkey of the messages that begin with head, and whether this AEAD holds it already. It returns nil
// where head does not begin with the prefix.
func (a *AEAD) find(head []byte) (s *subkey, known bool) {
	if s := a.sealing.Load(); s != nil && bytes.Equal(s.head, head) {
		return s, true
	}
	if !bytes.HasPrefix(head, a.prefix) || a.kdf == nil {
		return nil, false
	}
	if s := a.opened.get(head); s != nil {
		return s, true
	}
	return a.derive([selectorSize]byte(head[len(a.prefix):])), false
}
