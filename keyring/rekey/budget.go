package rekey

import (
	"context"
	"sync/atomic"
)

// A budget bounds the bytes that are under way, and by the least that each batch takes, the batches. One goroutine at a
// time takes from it.
type budget struct {
	most, least int
	taken       atomic.Int64
	freed       chan struct{} // with room for one: something was given back
}

// take waits until there is room for a batch of size bytes, or nothing else is under way. It returns false when ctx has
// ended.
func (b *budget) take(ctx context.Context, size int) bool {
	n := int64(max(size, b.least))
	for {
		if taken := b.taken.Load(); taken == 0 || taken+n <= int64(b.most) {
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

// give gives back what was taken for a batch of size bytes.
func (b *budget) give(size int) {
	b.taken.Add(-int64(max(size, b.least)))
	select {
	case b.freed <- struct{}{}:
	default: // whoever waits will look
	}
}

func (b *budget) none() bool { return b.taken.Load() == 0 }
