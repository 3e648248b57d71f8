package keyring

import "time"

// A lease of wear is at least what a kill may waste without being noticed beside a suite's limits, and at most a thousandth of
// these. Between them it is what the ring seals in one to eight minutes.
var (
	leastLease = Count{1 << 20, 1 << 26}
	mostLease  = Count{1 << 35, 1 << 42}
)

// nextLease returns the lease that follows last, of which a ring has used so much in the time since. It doubles until half of
// it lasts for a minute, so that a ring that seals as fast as it can writes about once a minute.
func nextLease(last, used Count, took time.Duration) Count {
	return Count{
		Messages: nextSize(last.Messages, used.Messages, took, leastLease.Messages, mostLease.Messages),
		Bytes:    nextSize(last.Bytes, used.Bytes, took, leastLease.Bytes, mostLease.Bytes),
	}
}

func nextSize(last, used uint64, took time.Duration, least, most uint64) uint64 {
	size := max(last, least)
	minute := float64(used) * float64(time.Minute) / float64(max(took, wearTick))
	for size < most && float64(size/2) < minute {
		size *= 2
	}
	if size > least && minute < float64(size/8) {
		size /= 2
	}
	return size
}
