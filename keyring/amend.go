package keyring

import (
	"context"
	"errors"

	"github.com/sealwax/sealwax/keystore"
)

// errNoChange: what was asked for is so already. An edit returns it so that nothing is written.
var errNoChange = errors.New("nothing to change")

// amend writes a generation that edit makes of the one before, under the same root; none if edit says errNoChange. A
// refusal for what a key is, or is not, is not left at what this ring happens to hold: another process may have gone on
// since.
func (r *Ring) amend(ctx context.Context, edit func(next *keystore.Contents, held *root) error) error {
	held := r.state.Load().digest
	err := r.amendOnce(ctx, edit)
	if !errors.Is(err, ErrUnknownKey) && !errors.Is(err, ErrState) && !errors.Is(err, ErrKeyInUse) {
		return err
	}
	if refreshErr := r.Refresh(ctx); refreshErr != nil || r.state.Load().digest == held {
		return err
	}
	return r.amendOnce(ctx, edit)
}

func (r *Ring) amendOnce(ctx context.Context, edit func(next *keystore.Contents, held *root) error) error {
	_, err := r.commit(ctx, func(next *keystore.Contents, held *root) (*root, error) {
		return held, edit(next, held)
	}, nil)
	if errors.Is(err, errNoChange) {
		return nil
	}
	return err
}
