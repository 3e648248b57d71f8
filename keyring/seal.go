package keyring

import "github.com/sealwax/sealwax/keystore"

const (
	// Overhead is how much longer a message of the default suite is than its plaintext: 17 bytes of header, a nonce of
	// 24 and a tag of 16. Other suites have less.
	Overhead = headerSize + 24 + 16

	// MaxPlaintext is the length of the longest plaintext, 64 GiB less 32 bytes: what AES-GCM allows one message.
	MaxPlaintext = 1<<36 - 32
)

// Seal appends the sealed message of plaintext to dst and returns it. The message opens only with a ring of this
// keystore and under the same binding. With [Overhead] more bytes of room in dst than plaintext has, Seal allocates
// nothing.
//
// To seal in place pass plaintext[:0] as dst. Any other overlap of the two panics.
//
// The errors are ErrNoBinding, ErrTooLarge, and what keeps the ring from sealing: ErrStale, ErrNoActiveKey, ErrClosed.
func (r *Ring) Seal(dst, plaintext []byte, where Binding) ([]byte, error) {
	s := r.state.Load()
	if s.refusal != nil {
		return nil, s.refusal
	}
	if where.isZero() {
		return nil, ErrNoBinding
	}
	if uint64(len(plaintext)) > MaxPlaintext {
		return nil, ErrTooLarge
	}
	return s.active.aead.Seal(dst, plaintext, where.encoded), nil
}

// ActiveKey returns the ID of the key that Seal uses now. It costs no more than a look: another process, or another
// goroutine, may make another key the active one at any time. The errors are those that keep the ring from sealing:
// ErrStale, ErrNoActiveKey, ErrClosed.
func (r *Ring) ActiveKey() (keystore.ID, error) {
	s := r.state.Load()
	if s.refusal != nil {
		return keystore.ID{}, s.refusal
	}
	return s.active.id, nil
}
