package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/rekey"
	"github.com/sealwax/sealwax/keyring/source"
)

// errRekey is the error of a rekey in which records failed.
var errRekey = errors.New("not everything could be re-sealed")

// rekeyed is what keyring rekey reports. The names are API.
type rekeyed struct {
	DryRun bool `json:"dry_run"` // then resealed are those that would be
	rekeyedCounts
	Failed  []rekeyFailure  `json:"failed"`
	Sources []rekeyedSource `json:"sources"`
	Error   *string         `json:"error,omitempty"`
}

type rekeyedCounts struct {
	Resealed    int64 `json:"resealed"`
	Current     int64 `json:"current"`
	Skipped     int64 `json:"skipped"`
	FailedTotal int64 `json:"failed_total"` // also beyond the 1000 of each source that are listed
	Superseded  int64 `json:"superseded"`   // of resealed
	Bytes       int64 `json:"bytes"`        // of resealed
}

type rekeyFailure struct {
	Where string `json:"where"`
	Cause string `json:"cause"`
}

type rekeyedSource struct {
	Source string `json:"source"`
	rekeyedCounts
	Cursor string `json:"cursor"`
}

func (c *cli) rekeyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rekey [SOURCE...]",
		Short: "Re-seal every message with the active key",
		Long: `rekey seals every message anew that is not under the active key, so that old keys can be destroyed. Each
is opened again before it takes the place of the old one, which is replaced only if nobody has changed
it meanwhile. What does not open is reported, left as it is, and makes the exit code 3. It may be stopped
and run again at any time. --dry-run opens everything and writes nothing.

` + sourcesUsage + ` One that is read_only there is never changed.`,
		Example: `  keyring rekey --dry-run
  keyring rekey dir:/srv/app/data --rate 500
  keyring rekey --json 2> progress.jsonl | jq '.failed'`,
	}
	asJSON := jsonFlag(cmd)
	dryRun := cmd.Flags().Bool("dry-run", false, "write nothing, and report what would be done")
	rate := cmd.Flags().Float64("rate", 0, "re-seal at most so many messages a second (default no limit)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		report := &rekeyed{DryRun: *dryRun, Failed: []rekeyFailure{}, Sources: []rekeyedSource{}}
		err := c.rekey(cmd.Context(), args, *rate, report)
		report.Error = text(err)
		if *asJSON {
			return errors.Join(err, c.printJSON(report))
		}
		c.printRekeyed(report)
		return err
	}
	return cmd
}

// rekey re-seals one source after the other. What was done is in the report, also together with an error.
func (c *cli) rekey(ctx context.Context, args []string, rate float64, report *rekeyed) error {
	if !(rate >= 0) || math.IsInf(rate, 1) {
		return usageError{errors.New("--rate is a number of messages a second, 0 for no limit")}
	}
	s, err := c.site(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if args, err = s.writable(args); err != nil {
		return err
	}
	sources, err := s.sources(args)
	if err != nil {
		return err
	}
	defer s.closeSources(sources)
	err = s.withRing(ctx, true, func(ring *keyring.Ring) (all error) {
		for _, one := range sources {
			if ctx.Err() == nil { // one that fails does not keep the others from being re-sealed
				all = errors.Join(all, c.rekeySource(ctx, ring, one, rate, report))
			}
		}
		return all
	})
	if report.FailedTotal > 0 {
		err = errors.Join(err, fmt.Errorf("%w: %d failed", errRekey, report.FailedTotal))
	}
	return err
}

func (c *cli) rekeySource(ctx context.Context, ring *keyring.Ring, one source.Source, rate float64, report *rekeyed) error {
	bar := c.newRekeyProgress(one.String())
	r, err := rekey.Run(ctx, ring, one, &rekey.Options{DryRun: report.DryRun, Verify: true, Rate: rate, OnProgress: bar.tell})
	bar.end()
	report.add(one.String(), r)
	return err
}

func (v *rekeyed) add(name string, r *rekey.Report) {
	v.Sources = append(v.Sources, rekeyedIn(name, r))
	v.Failed = append(v.Failed, failuresIn(name, r)...)
	v.Resealed += r.Resealed
	v.Current += r.Current
	v.Skipped += r.Skipped
	v.FailedTotal += r.Failed
	v.Superseded += r.Superseded
	v.Bytes += r.Bytes
}

func rekeyedIn(name string, r *rekey.Report) rekeyedSource {
	return rekeyedSource{name, rekeyedCounts{r.Resealed, r.Current, r.Skipped, r.Failed, r.Superseded, r.Bytes}, r.Cursor}
}

func failuresIn(name string, r *rekey.Report) []rekeyFailure {
	all := []rekeyFailure{}
	for _, f := range r.Failures {
		all = append(all, rekeyFailure{name + ": " + f.Where, f.Cause.Error()})
	}
	return all
}

// writable returns the sources that may be changed: those in args, of which none may be read-only, or else all of the
// config that are not.
func (s *site) writable(args []string) ([]string, error) {
	for _, arg := range args {
		if s.namesReadOnly(arg) {
			return nil, usageError{fmt.Errorf("source %s is read_only in %s: it is counted, and never changed", arg, s.config.File)}
		}
	}
	if len(args) > 0 {
		return args, nil
	}
	for _, one := range s.config.Sources {
		if s.isReadOnly(one.Type, one.Path) {
			fmt.Fprintf(s.cli.err, "note: source %s is read_only, and left out\n", one.Name)
		} else {
			args = append(args, one.Name)
		}
	}
	if len(args) == 0 && len(s.config.Sources) > 0 {
		return nil, usageError{fmt.Errorf("all sources of %s are read_only", s.config.File)}
	}
	return args, nil
}

func (s *site) namesReadOnly(arg string) bool {
	if kind, path, ok := strings.Cut(arg, ":"); ok {
		return s.isReadOnly(kind, path)
	}
	for _, one := range s.config.Sources {
		if one.Name == arg {
			return s.isReadOnly(one.Type, one.Path)
		}
	}
	return false
}

func (c *cli) printRekeyed(v *rekeyed) {
	if len(v.Sources) == 0 {
		return
	}
	done := "RESEALED"
	if v.DryRun {
		done = "WOULD RESEAL"
	}
	w := c.table()
	fmt.Fprintf(w, "SOURCE\t%s\tCURRENT\tSKIPPED\tFAILED\n", done)
	for _, s := range v.Sources {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\n", s.Source, s.Resealed, s.Current, s.Skipped, s.FailedTotal)
	}
	w.Flush()
	if v.Skipped > 0 {
		fmt.Fprintf(c.out, "%d were written or taken away by somebody else meanwhile: run it again\n", v.Skipped)
	}
	if v.Superseded > 0 {
		fmt.Fprintf(c.out, "%d were re-sealed before the key was rotated meanwhile: run it again\n", v.Superseded)
	}
	for i, f := range v.Failed {
		if i == maxShown {
			fmt.Fprintf(c.out, "%s and %d more, which --json lists\n", c.red("problem:"), v.FailedTotal-maxShown)
			break
		}
		fmt.Fprintf(c.out, "%s %s: %s\n", c.red("problem:"), f.Where, f.Cause)
	}
}
