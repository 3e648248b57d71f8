package keyring

import (
	"context"
	"fmt"
	"reflect"

	"github.com/sealwax/sealwax/keystore"
)

// rewrappable is writable after a look at the store: for writes that replace the stanzas, and work on that for a while
// before they commit. Groups that a later version may have made would be lost, so it refuses them.
func (r *Ring) rewrappable(ctx context.Context) (*state, error) {
	if _, err := r.writable(); err != nil {
		return nil, err
	}
	if err := r.Refresh(ctx); err != nil {
		return nil, err
	}
	s, err := r.writable()
	if err != nil {
		return nil, err
	}
	for _, g := range s.contents.Groups {
		if g.Name != defaultGroup || g.Threshold != 1 {
			return nil, fmt.Errorf("the keystore has the group %q of threshold %d, which this version cannot wrap anew: use the one that made it", g.Name, g.Threshold)
		}
	}
	return s, nil
}

// sameWrapping returns an error if the stanzas of next are not those that a new wrapping was based on: somebody else has
// wrapped the root meanwhile, and what they dropped must not come back.
func sameWrapping(base, next *keystore.Contents) error {
	if next.Root != base.Root {
		return fmt.Errorf("%w: a new root was made meanwhile", keystore.ErrConflict)
	}
	if !reflect.DeepEqual(next.Stanzas, base.Stanzas) || !reflect.DeepEqual(next.Owed, base.Owed) {
		return fmt.Errorf("%w: the root was wrapped anew meanwhile", keystore.ErrConflict)
	}
	return nil
}
