package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// errVerify is the error of a verify that found something wrong.
var errVerify = errors.New("verify found something wrong")

// verified is what keyring verify reports. The names are API.
type verified struct {
	OK     bool            `json:"ok"`
	KEKs   []verifiedKEK   `json:"keks"`
	Keys   []verifiedKey   `json:"keys"`
	Groups []verifiedGroup `json:"groups"`
	Error  *string         `json:"error,omitempty"` // why there was nothing to verify
}

type verifiedKEK struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Provider string  `json:"provider"`
	OK       *bool   `json:"ok"` // null: it can only wrap, or is owed a stanza, or gave a share and too few others did
	Owed     bool    `json:"owed"`
	Millis   int64   `json:"millis"`
	Error    *string `json:"error"`
	Group    string  `json:"group"` // of its stanza; empty without one
}

type verifiedGroup struct {
	Name      string `json:"name"`
	Threshold int    `json:"threshold"`
	Stanzas   int    `json:"stanzas"`
	Open      int    `json:"open"` // how many of them were proven
}

type verifiedKey struct {
	ID    keystore.ID    `json:"id"`
	State keystore.State `json:"state"`
	OK    bool           `json:"ok"`
	Error *string        `json:"error"`
}

func (c *cli) verifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that every KEK opens the keystore and that every key opens",
		Long: `verify unwraps each stanza with its own KEK, tries the shares of a group together, and opens every
key. It changes nothing. A recovery recipient can only wrap: 'keyring recover --check' proves it.`,
		Example: `  keyring verify
  keyring verify --json | jq '.keks[] | select(.ok == false)'`,
		Args: cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		report, err := c.verify(cmd)
		if *asJSON {
			c.printJSON(verifiedOf(report, err))
		} else if report != nil {
			c.printVerified(verifiedOf(report, nil))
		}
		if err != nil {
			return err
		}
		for _, k := range report.KEKs {
			if k.Owed {
				c.warnOwed(k.KEK)
			}
		}
		return verdict(report)
	}
	return cmd
}

func (c *cli) verify(cmd *cobra.Command) (*keyring.Report, error) {
	s, err := c.site(cmd.Context())
	if err != nil {
		return nil, err
	}
	defer s.close()
	o, err := s.options(cmd.Context())
	if err != nil {
		return nil, err
	}
	if o.Wait > 0 {
		s.await(cmd.Context(), o)
	}
	report, err := keyring.Verify(cmd.Context(), s.store, s.keks, o)
	if err != nil {
		return nil, s.explainLost(err, o.Seen)
	}
	if report.Proven() {
		s.remember(cmd.Context(), report.Seen)
	}
	return report, nil
}

// verdict returns the error that the command ends with. A KEK that is merely unavailable is no finding, nor are keys
// that only it could have opened.
func verdict(r *keyring.Report) error {
	var unavailable []error
	for _, k := range r.KEKs {
		if k.Err == nil {
			continue
		}
		if !wrappers.HasClass(k.Err, wrappers.Later) && !wrappers.HasClass(k.Err, wrappers.Ask) {
			return fmt.Errorf("%w: %s: %w", errVerify, k.KEK, k.Err)
		}
		unavailable = append(unavailable, k.Err)
	}
	for _, k := range r.Keys {
		if k.Err != nil && !errors.Is(k.Err, keyring.ErrNotProven) {
			return fmt.Errorf("%w: %w", errVerify, k.Err)
		}
	}
	if len(unavailable) == 0 && !r.OK() {
		return fmt.Errorf("%w: the configured KEKs cannot open the keystore", errVerify)
	}
	return errors.Join(unavailable...)
}

func verifiedOf(r *keyring.Report, err error) *verified {
	v := &verified{KEKs: []verifiedKEK{}, Groups: []verifiedGroup{}, Keys: []verifiedKey{}, Error: text(err)}
	if r == nil {
		return v
	}
	v.OK = r.OK()
	for _, k := range r.KEKs {
		one := verifiedKEK{ID: k.KEK, Name: nameIn(k.KEK, k.Provider), Provider: k.Provider, Group: k.Group, Owed: k.Owed, Millis: k.Took.Milliseconds(), Error: text(k.Err)}
		if ok := k.Err == nil; !ok || !k.Unproven && !k.Owed {
			one.OK = &ok
		}
		v.KEKs = append(v.KEKs, one)
	}
	for _, g := range r.Groups {
		v.Groups = append(v.Groups, verifiedGroup{g.Name, g.Threshold, g.Stanzas, g.Open})
	}
	for _, k := range r.Keys {
		v.Keys = append(v.Keys, verifiedKey{k.ID, k.State, k.Err == nil, text(k.Err)})
	}
	return v
}

func (c *cli) printVerified(v *verified) {
	w := c.table()
	fmt.Fprintln(w, "KEK\tPROVIDER\tOPENS\tTOOK")
	for _, k := range v.KEKs {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", k.ID, k.Provider, c.finding(k.OK, k.Owed), time.Duration(k.Millis)*time.Millisecond)
	}
	fmt.Fprintln(w, "\nKEY\tSTATE\tOPENS")
	for _, k := range v.Keys {
		fmt.Fprintf(w, "%s\t%s\t%s\n", k.ID, k.State, c.finding(&k.OK, false))
	}
	w.Flush()
	for _, g := range v.Groups {
		if g.Threshold > 1 {
			fmt.Fprintf(c.out, "\n%s: %d of %d needed, %d open\n", g.Name, g.Threshold, g.Stanzas, g.Open)
		}
	}
	for _, k := range v.KEKs {
		c.printProblem(k.Error)
	}
	for _, k := range v.Keys {
		c.printProblem(k.Error)
	}
}

// printProblem prints an error below the tables, which it would make too wide.
func (c *cli) printProblem(problem *string) {
	if problem != nil {
		fmt.Fprintf(c.out, "%s %s\n", c.red("problem:"), *problem)
	}
}

// finding is how a table says what was found.
func (c *cli) finding(ok *bool, owed bool) string {
	switch {
	case owed:
		return "owed"
	case ok == nil:
		return "unproven"
	case *ok:
		return c.green("yes")
	}
	return c.red("no")
}
