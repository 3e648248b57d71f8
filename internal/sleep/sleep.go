// Package sleep waits as long as a context lets it.
package sleep

import (
	"context"
	"time"
)

// For waits for d, or until ctx is done: then it returns false.
func For(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
