package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/census"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// impact is what keyring impact reports. The names are API.
type impact struct {
	ID          keystore.ID    `json:"id"`
	State       keystore.State `json:"state"`
	Compromised bool           `json:"compromised"`
	Created     time.Time      `json:"created"`
	Activated   *time.Time     `json:"activated"` // since when it seals
	Retired     *time.Time     `json:"retired"`
	Destroyed   *time.Time     `json:"destroyed"`
	Messages    *uint64        `json:"messages"` // null: there was no source to count
	Bytes       *uint64        `json:"bytes"`
	Unread      uint64         `json:"unread"` // records that nobody could read, and that may be of it
	Places      []impactPlace  `json:"places"`
	Tokens      []forgery      `json:"tokens"`
	Sources     []string       `json:"sources"` // that were read to their end
	Error       *string        `json:"error,omitempty"`
}

type impactPlace struct {
	Source    string `json:"source"`
	Namespace string `json:"namespace"`
	Messages  uint64 `json:"messages"`
	Bytes     uint64 `json:"bytes"`
	Others    bool   `json:"others,omitempty"` // all that are not listed
}

type forgery struct {
	Algorithm string     `json:"algorithm"`
	Accepted  bool       `json:"accepted"`
	Until     *time.Time `json:"until"` // null with accepted: as long as the key is active, and a token's life more
}

func (c *cli) impactCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "impact ID [SOURCE...]",
		Short: "Show what a leak of a key exposes: messages, places, tokens",
		Long: `impact counts what is sealed with a key, by source and namespace, and says since when it seals and
for how long tokens are accepted that somebody else signs with it. It opens no message: it goes by the
key that each names.

` + keyIDUsage + `

` + sourcesUsage + ` If there is none, nothing is counted.`,
		Example: `  keyring impact 0192a6b0
  keyring impact 0192a6b0 dir:/srv/app/data --json | jq '.places'`,
		Args: cobra.MinimumNArgs(1),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		report, err := c.impact(cmd.Context(), args[0], args[1:])
		if report == nil {
			return c.fail(*asJSON, err)
		}
		report.Error = text(err)
		if *asJSON {
			return errors.Join(err, c.printJSON(report))
		}
		c.printImpact(report)
		return err
	}
	return cmd
}

func (c *cli) impact(ctx context.Context, prefix string, args []string) (report *impact, err error) {
	if err := checkIDPrefix(prefix); err != nil {
		return nil, err
	}
	s, err := c.site(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	sources, err := s.sourcesIfAny(args)
	if err != nil {
		return nil, err
	}
	defer s.closeSources(sources)
	found, err := s.exposure(ctx, prefix, sources)
	if found == nil {
		return nil, err
	}
	report = impactOf(found)
	if len(sources) > 0 {
		report.Messages, report.Bytes = &found.Count.Messages, &found.Count.Bytes
	}
	return report, err
}

func (s *site) exposure(ctx context.Context, prefix string, sources []source.Source) (found *census.Exposure, err error) {
	contents, err := s.fetch(ctx)
	if err != nil {
		return nil, err
	}
	err = s.withRing(ctx, true, func(ring *keyring.Ring) error {
		id, err := keyWith(prefix, ring.Keys())
		if err != nil {
			return err
		}
		found, err = census.Impact(ctx, ring, sources, id, s.publishing(contents.Lease))
		return err
	})
	return found, err
}

// impactOf returns the report without what was counted in all.
func impactOf(x *census.Exposure) *impact {
	k := x.Key
	v := &impact{ID: k.ID, State: k.State, Compromised: k.Compromised, Created: k.Created, Unread: x.Unread,
		Activated: timeOrNull(k.Activated), Retired: timeOrNull(k.Retired), Destroyed: timeOrNull(k.Destroyed),
		Places: []impactPlace{}, Tokens: []forgery{}, Sources: append([]string{}, x.Sources...)}
	for _, p := range x.Places {
		v.Places = append(v.Places, impactPlace{p.Source, p.Namespace, p.Count.Messages, p.Count.Bytes, p.Others})
	}
	for _, t := range x.Tokens {
		v.Tokens = append(v.Tokens, forgery{t.Algorithm, t.Accepted, timeOrNull(t.Until)})
	}
	return v
}

func (c *cli) printImpact(v *impact) {
	fmt.Fprintf(c.out, "key %s is %s\n", v.ID, c.paintState(v.State.String(), v.Compromised))
	switch {
	case v.Activated == nil:
		fmt.Fprintln(c.out, "it never sealed")
	case v.Retired == nil:
		fmt.Fprintf(c.out, "it seals since %s\n", v.Activated.Format(time.RFC3339))
	default:
		fmt.Fprintf(c.out, "it sealed from %s to %s\n", v.Activated.Format(time.RFC3339), v.Retired.Format(time.RFC3339))
	}
	if v.Messages != nil {
		fmt.Fprintf(c.out, "%d messages, %d bytes\n", *v.Messages, *v.Bytes)
	}
	if v.Unread > 0 {
		fmt.Fprintf(c.out, "%s %d records could not be read, and may be of it: 'keyring census' lists them\n", c.red("problem:"), v.Unread)
	}
	c.printPlaces(v.Places)
	for _, t := range v.Tokens {
		fmt.Fprintln(c.out, t.text())
	}
}

func (c *cli) printPlaces(places []impactPlace) {
	if len(places) == 0 {
		return
	}
	w := c.table()
	fmt.Fprintln(w, "\nSOURCE\tNAMESPACE\tMESSAGES\tBYTES")
	for _, p := range places {
		if p.Others {
			p.Source, p.Namespace = "others", ""
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\n", p.Source, printable(p.Namespace), p.Messages, p.Bytes)
	}
	w.Flush()
	fmt.Fprintln(c.out)
}

// printable returns s, in quotes where a terminal would not just show it.
func printable(s string) string {
	if q := strconv.QuoteToGraphic(s); q[1:len(q)-1] != s {
		return q
	}
	return s
}

func (f *forgery) text() string {
	switch {
	case f.Accepted && f.Until == nil:
		return "tokens signed with " + f.Algorithm + " are accepted, as long as it is active and for a token's life more"
	case f.Accepted:
		return "tokens signed with " + f.Algorithm + " are accepted until " + f.Until.Format(time.RFC3339)
	case f.Until != nil:
		return "tokens signed with " + f.Algorithm + " are not accepted any more, since " + f.Until.Format(time.RFC3339)
	}
	return "tokens signed with " + f.Algorithm + " are not accepted, but by who still has an older JWKS"
}
