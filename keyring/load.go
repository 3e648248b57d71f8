package keyring

import (
	"context"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// Load opens the keystore in store with whichever of the KEKs answers first. However many keys the keystore has, that is
// one unwrap. What o says about cluster, region, identity and generation is checked before anything of the keystore is used.
//
// The ring keeps using store and keks until Close, and does not close them. o may be nil.
//
// The errors are those of the store, keystore.ErrDamaged and its siblings, ErrNoKEK, ErrPinRequired, and those of the KEKs
// ([wrappers.Error]), joined, when none of them opened the keystore.
func Load(ctx context.Context, store keystore.Store, keks []*wrappers.KEK, o *Options) (*Ring, error) {
	args, err := checkArguments(store, keks, o)
	if err != nil {
		return nil, fmt.Errorf("keyring: load: %w", err)
	}
	opts := args.opts
	r := newRing(args)
	readAt := time.Now()
	stamp, _, err := r.stampNow(ctx)
	if err != nil {
		return nil, fmt.Errorf("keyring: load: %w", err)
	}
	c, digest, err := keystore.Fetch(ctx, store, opts.expect())
	if err != nil {
		return nil, fmt.Errorf("keyring: load: %w", err)
	}
	if opts.Identity == nil {
		opts.Logger.Warn("keyring: no identity is pinned: who can encrypt under a KEK and write the store could have planted this keystore",
			"keystore", c.ID, "identity", keystore.FormatPin(c.Identity.Public))
	}
	opened, err := unwrapRoot(ctx, c, args.keks, &opts)
	if err != nil {
		return nil, fmt.Errorf("keyring: load keystore %s: %w", c.ID, err)
	}
	opened.raw.Clear()
	r.prove(opened.by)
	r.start(newState(c, digest, opts.keep(opened.root), nil), readAt, stamp)
	return r, nil
}
