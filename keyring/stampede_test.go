package keyring_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	"golang.org/x/time/rate"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// busyEngine is an engine that lets so many calls a second in, and refuses the others as too many.
type busyEngine struct {
	*engine
	limit *rate.Limiter

	mu    sync.Mutex
	calls []time.Time
}

func (e *busyEngine) Decrypt(ctx context.Context, info *wrapping.BlobInfo, o ...wrapping.Option) ([]byte, error) {
	e.mu.Lock()
	e.calls = append(e.calls, time.Now())
	e.mu.Unlock()
	if !e.limit.Allow() {
		return nil, &engineError{wrappers.Later}
	}
	return e.engine.Decrypt(ctx, info, o...)
}

// callsWithin counts the calls in each stretch of time.
func (e *busyEngine) callsWithin(stretch time.Duration, began time.Time) []int {
	var n []int
	for _, c := range e.calls {
		i := int(c.Sub(began) / stretch)
		n = append(n, make([]int, max(0, i+1-len(n)))...)
		n[i]++
	}
	return n
}

// TestNoStampede starts a thousand programs at the same instant, whose KEK lets fifty calls a second in. They must
// all open, and must not come back in waves: what follows the first instant is spread evenly and becomes less.
func TestNoStampede(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const fleet = 1000
		store, e := keystore.NewMemory(), newEngine(t)
		create(t, store, e.kek(t, "a"))
		busy := &busyEngine{engine: e, limit: rate.NewLimiter(50, 50)}
		began, late := time.Now(), make([]time.Duration, fleet)
		var all sync.WaitGroup
		for i := range fleet {
			all.Go(func() {
				k, err := wrappers.New(busy, &wrappers.Options{Provider: "test", Name: "a"})
				if err != nil {
					t.Error(err)
					return
				}
				o, _ := waiting()
				r, err := keyring.Load(t.Context(), store, []*wrappers.KEK{k}, o)
				if err != nil {
					t.Error(err)
					return
				}
				r.Close()
				late[i] = time.Since(began)
			})
		}
		all.Wait()
		slices.Sort(late)
		seconds, tenths := busy.callsWithin(time.Second, began), busy.callsWithin(100*time.Millisecond, began)
		t.Logf("%.1f calls a program; opened after %v (median), %v (last)", float64(len(busy.calls))/fleet, late[fleet/2], late[fleet-1])
		t.Logf("calls in each second: %v", seconds)
		t.Logf("most in a tenth of a second after the first: %d", slices.Max(tenths[1:]))
		if len(busy.calls) > 15*fleet {
			t.Errorf("%d programs made %d calls, want at most 15 each", fleet, len(busy.calls))
		}
		if most := slices.Max(tenths[1:]); most > fleet/4 {
			t.Errorf("%d calls in a tenth of a second, want at most one of every fourth program", most)
		}
		if most := slices.Max(seconds[5:]); most > fleet {
			t.Errorf("%d calls in a second after the fifth, want at most one of every program", most)
		}
		if late[fleet-1] > time.Minute { // 20 s would do if each second were used up
			t.Errorf("the last program opened after %v", late[fleet-1])
		}
	})
}
