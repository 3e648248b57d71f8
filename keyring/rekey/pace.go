package rekey

import (
	"context"
	"math"
	"time"

	"golang.org/x/time/rate"

	"github.com/sealwax/sealwax/internal/sleep"
)

// pace returns what allows Rate messages a second, nil for no limit: a dry run replaces none.
func (o *Options) pace() *rate.Limiter {
	if o.Rate == 0 || o.DryRun {
		return nil
	}
	return rate.NewLimiter(rate.Limit(o.Rate), burst(o.Rate))
}

// burst is how many messages may be replaced at once: those of a tenth of a second.
func burst(perSecond float64) int { return max(1, int(min(perSecond/10, math.MaxInt32))) }

// waitTurn waits until another message may be replaced, and does meanwhile what is due. The limiter's own Wait would
// fail at once where ctx ends before the turn comes, with an error that does not say so.
func (w *writer) waitTurn(ctx context.Context) error {
	if w.pace == nil {
		return nil
	}
	for turn := time.Now().Add(w.pace.Reserve().Delay()); ; {
		wait := time.Until(turn)
		if wait <= 0 {
			return nil
		}
		if !sleep.For(ctx, min(wait, tick)) {
			return context.Cause(ctx)
		}
		if err := w.pulse(ctx); err != nil {
			return err
		}
	}
}
