package keyring

import (
	"context"
	"fmt"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
)

// RotateRoot makes a new root, a new identity and a new active key, for a KEK that was retired for cause or a suspected
// leak. Every key is sealed anew under the new root and the old stanzas are gone: who has an old copy of the keystore
// still opens what that copy holds, and nothing newer. An active KEK that does not answer now loses its stanza and is
// owed a new one. Some group must be satisfied by KEKs that have wrapped and unwrapped again.
//
// The old identity signs a statement that the new one follows it, so that rings which pin the old one follow: one step,
// not two. It does not wait for Options.Readers: who follows unwraps the new root first, and until then does not know the
// new key. A ring that missed two new roots needs the new pin, and so does every ring after a real compromise, when the
// statement proves nothing. Seen returns the pin.
func (r *Ring) RotateRoot(ctx context.Context) (keystore.ID, error) {
	id, err := r.rotateRoot(ctx)
	if err != nil {
		return keystore.ID{}, fmt.Errorf("keyring: rotate the root: %w", err)
	}
	if err := r.removePrevious(ctx); err != nil {
		return id, fmt.Errorf("keyring: rotate the root: written, but: %w", err)
	}
	return id, nil
}

func (r *Ring) rotateRoot(ctx context.Context) (keystore.ID, error) {
	held, err := r.rewrappable(ctx)
	if err != nil {
		return keystore.ID{}, err
	}
	raw := newRootBytes()
	defer raw.Clear()
	// The KEKs are called here, before the ring's writers are kept waiting.
	target := &keystore.Contents{ID: held.contents.ID, Root: keystore.NewID()}
	w, err := wrapFresh(ctx, raw, target, r.currentKEKs(), &r.opts)
	if err != nil {
		return keystore.ID{}, err
	}
	var id keystore.ID
	_, err = r.commit(ctx, func(next *keystore.Contents, old *root) (*root, error) {
		if err := sameWrapping(held.contents, next); err != nil {
			return nil, err
		}
		pairs, err := r.takePairs(next)
		if err != nil {
			return nil, err
		}
		fresh := r.moveTo(next, target.Root, raw, old)
		w.fill(next)
		next.Keys = append(next.Keys, newKey(fresh, next.Written, pairs))
		k := &next.Keys[len(next.Keys)-1]
		id = k.ID
		return fresh, succeed(next, k, next.Written)
	}, func() { r.prove(w.proven...) })
	if err != nil {
		return keystore.ID{}, err
	}
	w.log(&r.opts)
	return id, nil
}

// moveTo puts everything in c that a root seals under a new one, with a new identity that the old one hands over to.
func (r *Ring) moveTo(c *keystore.Contents, id keystore.ID, raw secret.Bytes, old *root) *root {
	fresh, identity := createRoot(raw, c.ID, id)
	previous := old.identity.public()
	statement := keystore.HandoverMessage(c.ID, previous, identity.Public)
	c.Handover = &keystore.Handover{Previous: previous, Signature: old.identity.sign(statement)}
	c.Root, c.Identity = id, identity
	for i := range c.Keys {
		if err := reseal(old, fresh, &c.Keys[i]); err != nil {
			r.opts.Logger.Warn("keyring: a key that does not open is taken along as it is", "key", c.Keys[i].ID, "error", err)
		}
	}
	return fresh
}

// removePrevious makes the store let go of the generation before the current one, which has what was just taken out:
// stanzas, or a key.
func (r *Ring) removePrevious(ctx context.Context) error {
	p, ok := r.store.(keystore.PreviousRemover)
	if !ok {
		return nil
	}
	// Not with the caller's context: what it asked for is done but for this.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	if err := p.RemovePrevious(ctx); err != nil {
		return fmt.Errorf("the previous generation, which still has what was taken out, could not be removed, remove it by hand: %w", err)
	}
	return nil
}
