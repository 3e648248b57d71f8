package keyring

import "time"

// leaseTimer suspends sealing when the ring has not refreshed for too long. Seal looks at no clock: the timer swaps the
// state. Its fields are guarded by Ring.swap.
type leaseTimer struct {
	timer *time.Timer
	until time.Time // monotonic
}

// renewLocked lets the ring seal for the lease from readAt, the moment before the store was read. A zero lease never ends.
// The caller holds r.swap.
func (r *Ring) renewLocked(readAt time.Time) {
	r.refreshed.Store(&readAt)
	r.lease.stop()
	lease := r.Lease()
	if lease == 0 {
		return
	}
	r.lease.until = readAt.Add(lease)
	r.lease.timer = time.AfterFunc(time.Until(r.lease.until), r.expire)
}

// expire suspends sealing, unless the lease was renewed while the timer was firing.
func (r *Ring) expire() {
	r.swap.Lock()
	defer r.swap.Unlock()
	s := r.state.Load()
	if s.closed || time.Now().Before(r.lease.until) {
		return
	}
	r.state.Store(s.refusing(ErrStale))
	r.opts.Logger.Warn("keyring: sealing suspended", "error", ErrStale)
}

func (l *leaseTimer) stop() {
	if l.timer != nil {
		l.timer.Stop()
	}
}
