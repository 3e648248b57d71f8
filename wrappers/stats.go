package wrappers

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Outcome is what one call came to.
type Outcome string

const (
	OutcomeOK         Outcome = "ok"
	OutcomeNever      Outcome = "never"       // an error of class Never
	OutcomeLater      Outcome = "later"       // of class Later
	OutcomeAsk        Outcome = "ask"         // of class Ask
	OutcomeAbandoned  Outcome = "abandoned"   // nobody waited any more: another KEK had answered, or the caller's context ended
	OutcomeOverBudget Outcome = "over-budget" // not made at all: Options.CallsPerMinute
)

// CallStats counts the calls of one KEK, operation and outcome. It is made for metrics: the first four fields are labels,
// of which there is a bounded number, and the others only grow.
type CallStats struct {
	KEK      string // its ID
	Provider string
	Op       string // what the provider was asked for: "encrypt", "decrypt" or "inspect"
	Outcome  Outcome
	Calls    uint64
	Took     time.Duration // all of them together
}

// Stats returns what the KEK has counted since it was made, sorted by operation and outcome. Every attempt counts,
// retries too, and also one for which earlier calls that hang in the driver have left no place. What is not to reach the
// provider does not count: a malformed blob, a KEK that is closed or can only wrap. An inspection counts as one call, though
// it may be several requests.
func (k *KEK) Stats() []CallStats { return k.counts.list(k) }

// counts are the counters of a KEK.
type counts struct {
	mu  sync.Mutex
	all map[counted]tally
}

type counted struct {
	op      string
	outcome Outcome
}

type tally struct {
	calls uint64
	took  time.Duration
}

func (c *counts) add(op string, o Outcome, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = make(map[counted]tally)
	}
	t := c.all[counted{op, o}]
	c.all[counted{op, o}] = tally{t.calls + 1, t.took + took}
}

func (c *counts) list(k *KEK) []CallStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []CallStats
	for what, t := range c.all {
		list = append(list, CallStats{k.id, k.options.Provider, what.op, what.outcome, t.calls, t.took})
	}
	slices.SortFunc(list, func(a, b CallStats) int {
		return cmp.Or(cmp.Compare(a.Op, b.Op), cmp.Compare(a.Outcome, b.Outcome))
	})
	return list
}

// outcomeOf says what a call came to whose caller's context is ctx.
func (k *KEK) outcomeOf(ctx context.Context, err error) Outcome {
	if err == nil {
		return OutcomeOK
	}
	if ctx.Err() != nil {
		return OutcomeAbandoned
	}
	switch class, _ := k.classify(err); class {
	case Never:
		return OutcomeNever
	case Later:
		return OutcomeLater
	}
	return OutcomeAsk
}
