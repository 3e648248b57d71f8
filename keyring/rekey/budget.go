package rekey

import (
	"context"
	"sync/atomic"
)

// A budget bounds what is under way. One goroutine at a time takes from it.
type budget struct {
	most  int64
	taken atomic.Int64
	freed chan struct{} // with room for one: something was given back
}

// take waits until there is room for n, or for as little else as nothing. It returns false when ctx has ended.
func (b *budget) take(ctx context.Context, n int64) bool {
	for {
		if taken := b.taken.Load(); taken == 0 || taken+n <= b.most {
			b.taken.Add(n)
			return true
		}
		select {
		case <-b.freed:
		case <-ctx.Done():
			return false
		}
	}
}

func (b *budget) give(n int64) {
	b.taken.Add(-n)
	select {
	case b.freed <- struct{}{}:
	default: // whoever waits will look
	}
}

func (b *budget) none() bool { return b.taken.Load() == 0 }
