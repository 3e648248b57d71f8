package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/census"
	"github.com/sealwax/sealwax/keystore"
)

// errCensus is the error of a census that found what does not open.
var errCensus = errors.New("not everything opens")

// counted is what keyring census reports. The names are API.
type counted struct {
	Keys       []countedKey `json:"keys"` // of the keystore, in the order of their creation; then those that it does not have
	Unopenable []unopenable `json:"unopenable"`
	Unopened   uint64       `json:"unopenable_total"` // how many there are, also beyond the 10,000 that are listed
	Unread     uint64       `json:"unread"`           // how many of them nobody could read: they may be of any key
	Messages   uint64       `json:"messages"`
	Bytes      uint64       `json:"bytes"`
	Sources    []string     `json:"sources"` // that were read to their end
	Begun      *time.Time   `json:"begun"`
	Ended      *time.Time   `json:"ended"` // null: it was not finished
	Error      *string      `json:"error,omitempty"`
}

type countedKey struct {
	ID          keystore.ID `json:"id"`
	State       string      `json:"state"` // "unknown" of a key that the keystore does not have
	Compromised bool        `json:"compromised"`
	Messages    uint64      `json:"messages"`
	Bytes       uint64      `json:"bytes"`
}

type unopenable struct {
	Where string       `json:"where"`
	KeyID *keystore.ID `json:"key_id"` // null: it names none
	Cause census.Cause `json:"cause"`
	Error string       `json:"error"`
}

func (c *cli) censusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "census [SOURCE...]",
		Short: "Count what is sealed with each key, and find what does not open",
		Long: `census opens every message and counts messages and bytes by the key that each names. What does not
open is listed with where it is and why, and makes the exit code 3. It changes nothing.

` + sourcesUsage,
		Example: `  keyring census dir:/srv/app/data jsonl:backup.jsonl
  keyring census --json | jq '.keys[] | select(.state == "retired" and .messages == 0).id'`,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		report, err := c.census(cmd.Context(), args)
		if *asJSON {
			return errors.Join(err, c.printJSON(countedOf(report, err)))
		}
		if report != nil {
			c.printCounted(countedOf(report, nil))
		}
		return err
	}
	return cmd
}

// census returns what was counted, also together with an error.
func (c *cli) census(ctx context.Context, args []string) (report *census.Report, err error) {
	s, err := c.site(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	sources, err := s.sources(args)
	if err != nil {
		return nil, err
	}
	defer s.closeSources(sources)
	err = s.withRing(ctx, true, func(ring *keyring.Ring) error {
		var err error
		report, err = s.takeCensus(ctx, ring, sources)
		return err
	})
	if report != nil && report.Unopened > 0 {
		err = errors.Join(err, fmt.Errorf("%w: %d of %d", errCensus, report.Unopened, report.Records))
	}
	return report, err
}

func countedOf(r *census.Report, err error) *counted {
	v := &counted{Keys: []countedKey{}, Unopenable: []unopenable{}, Sources: []string{}, Error: text(err)}
	if r == nil {
		return v
	}
	for _, l := range r.Lines() {
		state := "unknown"
		if l.Known {
			state = l.Key.State.String()
		}
		v.Keys = append(v.Keys, countedKey{l.Key.ID, state, l.Key.Compromised, l.Count.Messages, l.Count.Bytes})
	}
	for _, u := range r.Unopenable {
		v.Unopenable = append(v.Unopenable, unopenable{u.Where, orNull(u.KeyID), u.Cause, u.Err.Error()})
	}
	v.Sources = append(v.Sources, r.Sources...)
	v.Unopened, v.Unread, v.Messages, v.Bytes = r.Unopened, r.Unread, r.Total.Messages, r.Total.Bytes
	v.Begun, v.Ended = timeOrNull(r.Begun), timeOrNull(r.Ended)
	return v
}

// maxShown is how many unopenable records are shown where a person reads.
const maxShown = 20

func (c *cli) printCounted(v *counted) {
	w := c.table()
	fmt.Fprintln(w, "KEY\tSTATE\tMESSAGES\tBYTES")
	for _, k := range v.Keys {
		state := c.paintState(k.State, k.Compromised)
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\n", k.ID, state, k.Messages, k.Bytes)
	}
	fmt.Fprintf(w, "all\t\t%d\t%d\n", v.Messages, v.Bytes)
	w.Flush()
	if v.Ended == nil {
		fmt.Fprintln(c.out, c.red("problem:"), "not finished: there may be more")
	}
	for i, u := range v.Unopenable {
		if i == maxShown {
			fmt.Fprintf(c.out, "%s and %d more, which --json lists\n", c.red("problem:"), v.Unopened-maxShown)
			break
		}
		fmt.Fprintf(c.out, "%s %s: %s: %s\n", c.red("problem:"), u.Where, u.Cause, u.Error)
	}
}

// paintState is how tables say the state of a key.
func (c *cli) paintState(state string, compromised bool) string {
	if state == keystore.Active.String() {
		state = c.green(state)
	}
	if compromised {
		state += ", " + c.red("compromised")
	}
	return state
}
