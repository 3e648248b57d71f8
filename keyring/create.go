package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// Create makes a new keystore in store, which must hold none, with one active key, and returns its ring. The root is
// wrapped by every active KEK, or its share by every member of a group with a threshold. One that does not answer now is
// recorded as owed, but some group must be satisfied by KEKs that have wrapped and unwrapped again, and a KEK that can
// only wrap does not count.
//
// o must give Cluster and Region. Keep what Ring.Seen returns: its Identity is the pin for every later Load.
//
// The ring keeps using store and keks until Close, and does not close them.
func Create(ctx context.Context, store keystore.Store, keks []*wrappers.KEK, o *Options) (*Ring, error) {
	args, err := checkArguments(store, keks, o)
	if err != nil {
		return nil, fmt.Errorf("keyring: create: %w", err)
	}
	opts := args.opts
	if opts.Cluster == "" || opts.Region == "" {
		return nil, errors.New("keyring: create: Options.Cluster and Options.Region are required")
	}
	if opts.ReadOnly {
		return nil, fmt.Errorf("keyring: create: %w", ErrReadOnly)
	}
	if err := mustBeEmpty(ctx, store); err != nil {
		return nil, fmt.Errorf("keyring: create: %w", err)
	}
	next, w, err := firstGeneration(ctx, args.keks, &opts)
	if err != nil {
		return nil, fmt.Errorf("keyring: create: %w", err)
	}
	r := newRing(args)
	r.prove(w.proven...)
	readAt := time.Now()
	if err := r.writeFirst(ctx, next); err != nil {
		next.root.close()
		return nil, fmt.Errorf("keyring: create: %w", err)
	}
	w.log(&r.opts)
	r.start(next.state, readAt, "")
	return r, nil
}

func (r *Ring) writeFirst(ctx context.Context, next generation) error {
	err := r.put(ctx, keystore.Digest{}, next)
	if errors.Is(err, keystore.ErrConflict) {
		return fmt.Errorf("%w: %v", ErrExists, err)
	}
	return err
}

// mustBeEmpty spares the KEKs a call when there is a keystore already. The write checks again.
func mustBeEmpty(ctx context.Context, store keystore.Store) error {
	_, err := store.Read(ctx)
	if err == nil {
		return ErrExists
	}
	if errors.Is(err, keystore.ErrNotFound) {
		return nil
	}
	return err
}

func firstGeneration(ctx context.Context, keks []*wrappers.KEK, o *Options) (next generation, w *wrapped, err error) {
	pairs, err := o.Signing.makePairs()
	if err != nil {
		return generation{}, nil, err
	}
	defer clearPairs(pairs)
	now := o.now()
	c := &keystore.Contents{
		ID: keystore.NewID(), Cluster: o.Cluster, Region: o.Region, Epoch: 1, Generation: 1,
		Written: now, Lease: o.Lease, Root: keystore.NewID(),
	}
	raw := newRootBytes()
	defer raw.Clear()
	root, identity := createRoot(raw, c.ID, c.Root)
	c.Identity = identity
	w, err = wrapFresh(ctx, raw, c, keks, o)
	if err != nil {
		root.close()
		return generation{}, nil, err
	}
	w.fill(c)
	c.Keys = append(c.Keys, newKey(root, now, pairs))
	if err := succeed(c, &c.Keys[0], now); err != nil {
		return generation{}, nil, err
	}
	next, err = prepare(c, root, nil)
	return next, w, err
}
