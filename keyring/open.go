package keyring

import (
	"context"
	"errors"

	"github.com/sealwax/sealwax/keystore"
)

// Open appends the plaintext of a message to dst and returns it. It does no I/O. With room in dst it allocates nothing, but for
// the first message of a batch under a retired key.
//
// To open in place pass msg[:0] as dst: msg is then lost, also when Open fails. Any other overlap of the two panics.
//
// A message that was altered or that belongs elsewhere gives ErrOpen. One under a key that the ring does not hold gives
// ErrUnknownKey, and makes the ring look at its store soon, at most once a second; a caller that may wait for that uses
// OpenContext. The other errors are ErrFormat, ErrKeyUnusable, ErrKeyDestroyed, ErrNoBinding and ErrClosed.
func (r *Ring) Open(dst, msg []byte, where Binding) ([]byte, error) {
	out, err := r.state.Load().open(dst, msg, where)
	if err != nil && errors.Is(err, ErrUnknownKey) {
		r.follower.wake()
	}
	return out, err
}

// OpenContext is Open, but waits for one look at the store if the ring does not hold the key. Use it where another
// process may have rotated a moment ago.
func (r *Ring) OpenContext(ctx context.Context, dst, msg []byte, where Binding) ([]byte, error) {
	out, err := r.state.Load().open(dst, msg, where)
	if err == nil || !errors.Is(err, ErrUnknownKey) {
		return out, err
	}
	if err := r.follower.wait(ctx); err != nil {
		return nil, err
	}
	return r.state.Load().open(dst, msg, where)
}

func (s *state) open(dst, msg []byte, where Binding) ([]byte, error) {
	if where.isZero() {
		return nil, ErrNoBinding
	}
	id, err := MessageKey(msg)
	if err != nil {
		return nil, err
	}
	k := s.find(id)
	if k == nil {
		return nil, s.errAbsent(id)
	}
	if k.err != nil {
		return nil, k.err
	}
	out, err := k.aead.Open(dst, msg, where.encoded)
	if err != nil {
		return nil, ErrOpen
	}
	return out, nil
}

func (s *state) errAbsent(id keystore.ID) error {
	if s.closed {
		return ErrClosed
	}
	return errUnknownKey(id)
}
