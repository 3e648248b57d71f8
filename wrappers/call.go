package wrappers

import (
	"context"
	"errors"
	"time"
)

// call is one attempt at something that the provider is asked for. What comes of it is remembered as the KEK's health.
func call[T any](ctx context.Context, k *KEK, f func(context.Context) (T, error)) (T, error) {
	began := time.Now()
	value, err := attempt(ctx, k, f)
	k.learn(ctx, time.Since(began), err)
	return value, err
}

// learn draws from a call what it says about the provider. That a blob is wrong says nothing, nor does a caller who went
// away: unless another KEK has answered meanwhile, and this one had not within the time for which a KEK is waited for.
func (k *KEK) learn(ctx context.Context, took time.Duration, err error) {
	failed := false
	switch class, _ := k.classify(err); {
	case err == nil:
		k.record.change(func(h Health, now time.Time) Health { return h.answered(now, took) })
	case ctx.Err() != nil:
		n, overtaken := errors.AsType[notNeeded](context.Cause(ctx))
		failed = overtaken && took >= n.patience
	default:
		failed = class == Later || class == Ask
	}
	if failed {
		k.record.change(Health.failed)
	}
}
