package keyring

import (
	"context"
	"fmt"
	"reflect"

	"github.com/sealwax/sealwax/keystore"
)

// rewrappable is writable after a look at the store: for writes that replace the stanzas, and work on that for a while
// before they commit.
func (r *Ring) rewrappable(ctx context.Context) (*state, error) {
	if _, err := r.writable(); err != nil {
		return nil, err
	}
	if err := r.Refresh(ctx); err != nil {
		return nil, err
	}
	return r.writable()
}

// sameWrapping returns an error if the stanzas of next are not those that a new wrapping was based on: somebody else has
// wrapped the root meanwhile, and what they dropped must not come back.
func sameWrapping(base, next *keystore.Contents) error {
	if next.Root != base.Root {
		return fmt.Errorf("%w: a new root was made meanwhile", keystore.ErrConflict)
	}
	same := reflect.DeepEqual(next.Groups, base.Groups) && reflect.DeepEqual(next.Stanzas, base.Stanzas) && reflect.DeepEqual(next.Owed, base.Owed)
	if !same {
		return fmt.Errorf("%w: the root was wrapped anew meanwhile", keystore.ErrConflict)
	}
	return nil
}
