package rekey

import "context"

// A turn is what one goroutine at a time can have. It is a lock that may be held while something is waited for: who
// wants it gives up when its context ends.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits for the turn. It returns false, without it, when ctx has ended.
func (t turn) take(ctx context.Context) bool {
	select {
	case t <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	if ctx.Err() != nil {
		t.give()
		return false
	}
	return true
}

func (t turn) give() { <-t }
