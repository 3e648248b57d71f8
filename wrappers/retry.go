package wrappers

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/sealwax/sealwax/internal/sleep"
)

// The first pause is drawn evenly from 0 to 800 ms, the second from 0 to 1.6 s, later ones from up to 10 s. So of a
// thousand servers that were refused together an eighth come back in any tenth of a second, and one alone loses half a
// second.
const (
	meanPause    = 400 * time.Millisecond
	maxMeanPause = 5 * time.Second
)

// retry does an operation once, and again until it succeeds, fails with another class than Later, or is the last. It
// does not begin a pause that the caller's context would not outlive, so the error is the provider's and not that of the
// context. Before each pause it calls falter.
func retry[T any](ctx context.Context, k *KEK, falter func(), once func(context.Context) (T, error)) (T, error) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = meanPause, maxMeanPause
	pauses.Multiplier, pauses.RandomizationFactor = 2, 1
	for n := 1; ; n++ {
		value, err := once(ctx)
		if err == nil || n == k.options.Attempts || ctx.Err() != nil {
			return value, err
		}
		class, _ := k.classify(err)
		_, waited := errors.AsType[overBudget](err)
		if class != Later || waited || errors.Is(err, errStuck) {
			return value, err // a turn, or the end of calls that hang, was already waited for as long as an attempt takes
		}
		falter()
		if !pause(ctx, pauses.NextBackOff()) {
			return value, err
		}
	}
}

// pause waits and reports whether ctx allows another attempt.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	return sleep.For(ctx, d)
}
