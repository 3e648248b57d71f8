package keyring

import (
	"context"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// Load opens the keystore in store with whichever of the KEKs, or groups of KEKs, answers first. However many keys the
// keystore has, that is one unwrap, or as many as the group needs. What o says about cluster, region, identity and
// generation is checked before anything of the keystore is used. With Options.Wait it goes on asking KEKs that are down.
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
	open := r.openOnce
	if opts.Wait > 0 {
		open = r.openWaiting
	}
	got, err := open(ctx)
	if err != nil {
		return nil, fmt.Errorf("keyring: load: %w", err)
	}
	if opts.Identity == nil {
		opts.Logger.Warn("keyring: no identity is pinned: who can encrypt under a KEK and write the store could have planted this keystore",
			"keystore", got.contents.ID, "identity", keystore.FormatPin(got.contents.Identity.Public))
	}
	got.opened.raw.Clear()
	r.prove(got.opened.by...)
	r.start(newState(got.contents, got.digest, opts.keep(got.opened.root), nil), got.readAt, got.stamp)
	return r, nil
}

// reading is what was read from the store and, once it is opened, its root.
type reading struct {
	contents *keystore.Contents
	digest   keystore.Digest
	readAt   time.Time
	stamp    string
	opened   *opened
}

// read reads and checks the keystore. No KEK is called.
func (r *Ring) read(ctx context.Context) (*reading, error) {
	got := &reading{readAt: time.Now()}
	var err error
	if got.stamp, _, err = r.stampNow(ctx); err != nil {
		return nil, err
	}
	got.contents, got.digest, err = keystore.Fetch(ctx, r.store, r.opts.expect())
	if err != nil {
		return nil, err
	}
	return got, nil
}

// openOnce reads the keystore and asks the KEKs once.
func (r *Ring) openOnce(ctx context.Context) (*reading, error) {
	got, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	if got.opened, err = unwrapRoot(ctx, got.contents, r.keks, &r.opts); err != nil {
		return nil, errNotOpened(got.contents.ID, err)
	}
	return got, nil
}

func errNotOpened(id keystore.ID, err error) error {
	return fmt.Errorf("keystore %s: %w", id, err)
}
