package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/internal/sleep"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/rekey"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// mover moves what compromised keys have sealed to the active key, in the sources of the config that may be written.
type mover struct {
	site  *site
	ring  *keyring.Ring
	moved map[keystore.ID]time.Time // when the last run began that left nothing behind
}

// moved is what became of one source. The names are API.
type moved struct {
	rekeyedSource
	Failed []rekeyFailure `json:"failed"`
	Error  *string        `json:"error"`
}

// errMove: messages of compromised keys stay where they are.
var errMove = errors.New("messages of compromised keys could not be moved")

func newMover(s *site, ring *keyring.Ring) *mover {
	return &mover{site: s, ring: ring, moved: make(map[keystore.ID]time.Time)}
}

// due returns the keys whose messages are to be moved. Who has not read yet that a key was retired may seal with it, so
// a run that began before that is over is not the last one.
func (m *mover) due(now time.Time) (keys []keystore.ID) {
	for _, k := range m.ring.Keys() {
		if !k.Compromised || k.State != keystore.Retired || k.Activated.IsZero() {
			continue
		}
		began, done := m.moved[k.ID]
		quiet, err := m.ring.QuietAfter(k.ID) // without a lease there is no such time
		if !done || err == nil && !began.After(quiet) && now.After(quiet) {
			keys = append(keys, k.ID)
		}
	}
	return keys
}

// move rekeys every source, if there is something to be moved. One that fails does not keep the others from it.
func (m *mover) move(ctx context.Context) (reports []moved, err error) {
	began := time.Now()
	keys, names := m.due(began), m.site.writableSources()
	if len(keys) == 0 || len(names) == 0 {
		return nil, nil
	}
	sources, err := m.site.sources(names)
	if err != nil {
		return nil, err
	}
	defer m.site.closeSources(sources)
	var errs []error
	clean := true
	for _, src := range sources {
		report, err := rekey.Run(ctx, m.ring, src, &rekey.Options{Keys: keys})
		if report.Failed > 0 {
			err = errors.Join(err, fmt.Errorf("%w: %d in %s: run 'keyring rekey %[3]s'", errMove, report.Failed, src))
		}
		errs = append(errs, err)
		clean = clean && err == nil && report.Skipped == 0 && report.Superseded == 0
		reports = append(reports, movedIn(src, report, err))
	}
	if clean {
		for _, id := range keys {
			m.moved[id] = began
		}
	}
	return reports, errors.Join(errs...)
}

func movedIn(src source.Source, r *rekey.Report, err error) moved {
	return moved{rekeyedIn(src.String(), r), failuresIn(src.String(), r), text(err)}
}

// movePause is how soon a run that failed is tried again. It reads all sources.
const movePause = 10 * time.Minute

// run moves what is to be moved until ctx ends, and logs it.
func (m *mover) run(ctx context.Context) {
	for {
		reports, err := m.move(ctx)
		if ctx.Err() != nil {
			return
		}
		pause := refreshInterval
		if err != nil {
			pause = movePause
			m.site.cli.log.Warn("messages of compromised keys are still to be moved", "error", err, "next", pause)
		}
		for _, r := range reports {
			m.site.cli.log.Info("moved messages of compromised keys", "source", r.Source, "resealed", r.Resealed, "skipped", r.Skipped, "failed", r.FailedTotal)
		}
		sleep.For(ctx, pause)
	}
}

// writableSources returns the names of the configured sources that are no backups.
func (s *site) writableSources() (names []string) {
	for _, one := range s.config.Sources {
		if !s.isReadOnly(one.Type, one.Path) {
			names = append(names, one.Name)
		}
	}
	return names
}
