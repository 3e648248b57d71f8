package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/sealwax/sealwax/internal/plural"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// recovered is what keyring recover --check reports. The names are API.
type recovered struct {
	OK         bool        `json:"ok"`
	ID         keystore.ID `json:"id"`
	Generation uint64      `json:"generation"`
	KEKs       []string    `json:"keks"`
	Keys       int         `json:"keys"`

	files map[string]bool // with the recovery keys that were proven
}

// checkRecovery proves each recovery key: a stanza of its gives the root, or a share that belongs to it, and every key opens
// under that.
func (s *site) checkRecovery(ctx context.Context, by *recoverers, asJSON bool) error {
	o, err := s.options(ctx)
	if err != nil {
		return err
	}
	report, err := keyring.Verify(ctx, s.store, by.all(), o)
	if err != nil {
		return s.explainLost(err, o.Seen)
	}
	found := &recovered{OK: true, ID: report.Seen.ID, Generation: report.Seen.Generation, Keys: len(report.Keys), files: make(map[string]bool)}
	ours := report.KEKs[:len(by.openers)]
	for _, k := range ours {
		if k.Err != nil {
			return k.Err
		}
		if !k.Unproven {
			found.KEKs = append(found.KEKs, k.KEK)
			found.files[by.files[k.KEK]] = true
		}
	}
	for _, k := range ours {
		if !found.files[by.files[k.KEK]] {
			return errTooFew(report, k)
		}
	}
	for _, k := range report.Keys {
		if k.Err != nil {
			return k.Err
		}
	}
	s.remember(ctx, report.Seen)
	return s.cli.printRecovered(found, asJSON)
}

// errTooFew says what it takes to prove the share of k.
func errTooFew(report *keyring.Report, k keyring.KEKReport) error {
	for _, g := range report.Groups {
		if g.Name == k.Group {
			return fmt.Errorf("%w: the share of %s opens, and %d of the group %s are needed to prove it: give the recovery keys of more members, each with a --recovery-key of its own",
				keyring.ErrNoKEK, k.KEK, g.Threshold, g.Name)
		}
	}
	return fmt.Errorf("%w: %s", keyring.ErrNoKEK, k.KEK)
}

func (c *cli) printRecovered(found *recovered, asJSON bool) error {
	if asJSON {
		return c.printJSON(found)
	}
	subject := "the recovery key opens"
	if len(found.files) > 1 {
		subject = "the recovery keys open"
	}
	_, err := fmt.Fprintf(c.out, "%s keystore %s, generation %d, by %s: %d of %s open\n",
		subject, found.ID, found.Generation, strings.Join(found.KEKs, " with "), found.Keys, plural.Of(found.Keys, "key"))
	return err
}
