package keyring

import (
	"context"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
)

// GroupReport says how many KEKs of a group were proven. With Threshold of them it opens the keystore, and so many more may be
// lost.
type GroupReport struct {
	Name      string
	Threshold int
	Stanzas   int // that the keystore has of the group
	Open      int // that gave the root, or a share that belongs to it
}

// verifyGroup looks at what the KEKs of a group gave, and clears it. It returns the root that it made of it, nil if it
// made none.
func verifyGroup(ctx context.Context, c *keystore.Contents, g *keystore.Group, stanzas []*verifiedStanza) (*root, GroupReport) {
	report := GroupReport{Name: g.Name, Threshold: g.Threshold}
	for _, s := range c.Stanzas {
		if s.Group == g.Name {
			report.Stanzas++
		}
	}
	var given []*verifiedStanza
	for _, v := range stanzas {
		if v.report.Group == g.Name && v.values.Len() > 0 {
			given = append(given, v)
			defer v.values.Clear()
		}
	}
	check := verifyRoots
	if g.Threshold > 1 {
		check = verifyShares
	}
	r := check(ctx, c, g, given)
	for _, v := range given {
		if v.report.Err == nil && !v.report.Unproven {
			report.Open++
		}
	}
	return r, report
}

// verifyRoots: each has to pass the commitment.
func verifyRoots(_ context.Context, c *keystore.Contents, _ *keystore.Group, given []*verifiedStanza) (proven *root) {
	for _, v := range given {
		r, err := openRoot(v.values, c)
		switch {
		case err != nil:
			v.report.Err = errOf(v.kek, v.stanza, err)
		case proven == nil:
			proven = r
		default:
			r.close()
		}
	}
	return proven
}

// verifyShares: some of them have to give the root, and the others have to lie on the same polynomials.
func verifyShares(ctx context.Context, c *keystore.Contents, g *keystore.Group, given []*verifiedStanza) (proven *root) {
	p := &pool{contents: c, threshold: g.Threshold}
	var raw secret.Bytes
	for _, v := range given {
		if proven, raw = p.add(ctx, share{v.stanza.Share, v.values}); proven != nil {
			break
		}
	}
	defer raw.Clear()
	for _, v := range given {
		switch {
		case proven == nil && (len(given) < g.Threshold || p.cut != nil):
			v.report.Unproven = true // any share goes with any root
		case proven == nil:
			v.report.Err = errOf(v.kek, v.stanza, errUnfitting)
		case !p.isRight(share{v.stanza.Share, v.values}, raw):
			v.report.Err = errOf(v.kek, v.stanza, errWrongShare)
		}
	}
	return proven
}
