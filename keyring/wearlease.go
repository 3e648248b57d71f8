package keyring

import "time"

// A lease of wear is what a kill wastes, so it is little beside what a key may seal: a sixteenth at most. Within these
// bounds it is what the ring seals in two to eight minutes.
var (
	smallestLease = Count{1 << 10, 1 << 20} // what one message that is sampled counts for, or a few
	firstLease    = Count{1 << 20, 1 << 26}
	largestLease  = Count{1 << 35, 1 << 42}
)

// leaseRange are the bounds of a ring's leases.
type leaseRange struct{ first, most Count }

// leasesWithin returns the bounds of leases of keys that seal so much.
func leasesWithin(limit Count) leaseRange {
	part := Count{max(limit.Messages/16, smallestLease.Messages), max(limit.Bytes/16, smallestLease.Bytes)}
	return leaseRange{firstLease.least(part), largestLease.least(part)}
}

// next returns the lease that follows last, of which a ring has used so much in the time since. It doubles until half of it
// lasts for a minute, so that a ring that seals as fast as it can writes about once a minute.
func (r leaseRange) next(last, used Count, took time.Duration) Count {
	return Count{
		Messages: nextSize(last.Messages, used.Messages, took, r.first.Messages, r.most.Messages),
		Bytes:    nextSize(last.Bytes, used.Bytes, took, r.first.Bytes, r.most.Bytes),
	}
}

func nextSize(last, used uint64, took time.Duration, first, most uint64) uint64 {
	size := max(last, first)
	minute := float64(used) * float64(time.Minute) / float64(max(took, wearTick))
	for size < most && float64(size/2) < minute {
		size *= 2
	}
	if minute < float64(size/8) {
		size /= 2
	}
	return min(max(size, first), most)
}
