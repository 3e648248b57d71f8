package wrappers

import (
	"context"
	"errors"
	"time"
)

// What a provider is asked for.
const (
	opEncrypt = "encrypt"
	opDecrypt = "decrypt"
	opInspect = "inspect"
)

// call is one attempt at something that the provider is asked for: within the budget, counted and, unless it is an
// inspection, remembered as the KEK's health. It waits for its turn for as long as an attempt may take, and then has that
// time for itself.
func call[T any](ctx context.Context, k *KEK, op string, f func(context.Context) (T, error)) (T, error) {
	var none T
	if k.closed.Load() {
		return none, never(errClosed)
	}
	if err := k.budget.wait(ctx, k.options.Timeout); err != nil {
		outcome := OutcomeOverBudget
		if ctx.Err() != nil {
			outcome = OutcomeAbandoned
		}
		k.counts.add(op, outcome, 0)
		return none, err
	}
	began := time.Now()
	value, err := attempt(ctx, k, f)
	took := time.Since(began)
	outcome := k.outcomeOf(ctx, err)
	k.counts.add(op, outcome, took)
	if op != opInspect { // which is several requests, and goes well where nothing may be decrypted
		k.learn(ctx, outcome, took)
	}
	return value, err
}

// learn draws from a call what it says about the provider. That a blob is wrong says nothing, nor does a caller who went
// away: unless another KEK has answered meanwhile, and this one had not within the time for which a KEK is waited for.
func (k *KEK) learn(ctx context.Context, o Outcome, took time.Duration) {
	switch o {
	case OutcomeOK:
		k.record.change(func(h Health, now time.Time) Health { return h.answered(now, took) })
	case OutcomeLater, OutcomeAsk:
		k.record.change(Health.failed)
	case OutcomeAbandoned:
		if n, overtaken := errors.AsType[notNeeded](context.Cause(ctx)); overtaken && took >= n.patience {
			k.record.change(Health.failed)
		}
	}
}
