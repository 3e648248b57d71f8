package keyring

import (
	"context"

	"github.com/sealwax/sealwax/keystore"
)

// WriteBeside writes what the ring itself would refuse to write, as another version may, and has the ring take it over.
func (r *Ring) WriteBeside(ctx context.Context, change func(c *keystore.Contents)) error {
	return r.writeBeside(ctx, func(c *keystore.Contents, _ *root) { change(c) })
}

func (r *Ring) writeBeside(ctx context.Context, change func(c *keystore.Contents, held *root)) error {
	s := r.state.Load()
	next := s.contents.Next(s.digest)
	change(next, s.root)
	data, err := keystore.Append(nil, next, s.root.identity.sign)
	if err != nil {
		return err
	}
	if err := r.store.Write(ctx, s.digest, data); err != nil {
		return err
	}
	return r.Refresh(ctx)
}
