package wrappers

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"
)

// DefaultCallsPerMinute is how often a provider may be called for a KEK in any one minute. A start needs one call, a rewrap
// three, retries three times that: so 600 are never missed in earnest, and they are far less than any provider allows an
// account, so that a program which asks in a loop does not use up what the others there have.
const DefaultCallsPerMinute = 600

// budget bounds how many calls begin in any one minute. A quarter of them may begin at once.
type budget struct {
	perMinute int
	turns     *rate.Limiter // nil without a bound
}

// newBudget returns a bucket that holds a quarter of a minute's calls, and gets as many in a minute as make up the rest.
func newBudget(perMinute int) *budget {
	if perMinute < 0 {
		return &budget{}
	}
	burst := max(1, perMinute/4)
	// One more than the rest, which comes when the minute is over. A nanosecond later, or rounding might bring it forward.
	every := time.Minute/time.Duration(perMinute+1-burst) + 1
	return &budget{perMinute, rate.NewLimiter(rate.Every(every), burst)}
}

// wait waits for the turn of a call, unless it comes later than in atMost or after the end of ctx: then it returns at once.
func (b *budget) wait(ctx context.Context, atMost time.Duration) error {
	if b.turns == nil {
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	if b.turns.Wait(waiting) == nil {
		return nil
	}
	if ctx.Err() != nil {
		return later(context.Cause(ctx))
	}
	return later(overBudget{b.perMinute, b.free()})
}

// free returns how long it takes until a call that is made then need not wait.
func (b *budget) free() time.Duration {
	missing := 1 - b.turns.Tokens()
	return max(0, time.Duration(missing/float64(b.turns.Limit())*float64(time.Second)))
}

// overBudget is the error of a call that did not get its turn. The provider was not called.
type overBudget struct {
	perMinute int
	free      time.Duration
}

func (o overBudget) Error() string {
	return fmt.Sprintf("not called: calls_per_minute = %d is used up, and the next call is free in %v; wait, or raise it in the keyring block",
		o.perMinute, o.free.Round(100*time.Millisecond))
}
