package keyring

import (
	"testing"
	"time"
)

func TestLeaseFollowsTheRate(t *testing.T) {
	const first, most = 1 << 20, 1 << 35
	for _, c := range []struct {
		name       string
		last, used uint64
		took       time.Duration
		want       uint64
	}{
		{"the first one", 0, 1024, time.Second, first},
		{"the first one, of a ring that slept", 0, 1024, time.Hour, first},
		{"the first one, at a rate of 2^20 a second", 0, 1 << 20, time.Second, 1 << 27},
		{"in less than a tick", 0, 1 << 20, time.Millisecond, 1 << 27},
		{"just enough", 1 << 27, 1 << 26, time.Minute, 1 << 27},
		{"just too little", 1 << 27, 1<<26 + 1, time.Minute, 1 << 28},
		{"twice the rate", 1 << 27, 1 << 26, time.Minute / 2, 1 << 28},
		{"a tenth of the rate", 1 << 27, 1 << 26, 10 * time.Minute, 1 << 26},
		{"a trickle", 1 << 27, 1, 10 * time.Minute, 1 << 26},
		{"a trickle, with the first one", first, 1, 10 * time.Minute, first},
		{"more than there is", 1 << 35, 1 << 40, time.Second, most},
		{"from less to more than there is", 0, 1 << 40, time.Second, most},
	} {
		r := leaseRange{Count{first, first}, Count{most, most}}
		if got := r.next(Count{c.last, c.last}, Count{c.used, c.used}, c.took); got != (Count{c.want, c.want}) {
			t.Errorf("%s: %+v, want %d", c.name, got, c.want)
		}
	}
	// Messages and bytes go each at their own rate.
	got := leaseRange{firstLease, largestLease}.next(Count{}, Count{1 << 20, 0}, time.Second)
	if want := (Count{1 << 27, firstLease.Bytes}); got != want {
		t.Errorf("many messages without bytes: %+v, want %+v", got, want)
	}
}

func TestLeaseIsAPartOfWhatAKeySeals(t *testing.T) {
	for _, c := range []struct {
		name        string
		limit       Count
		first, most Count
	}{
		{"what a suite allows", Count{1 << 44, 1 << 51}, firstLease, largestLease},
		{"a million messages", Count{1_000_000, 1 << 51}, Count{62500, 1 << 26}, Count{62500, 1 << 42}},
		{"a GiB", Count{1 << 44, 1 << 30}, Count{1 << 20, 1 << 26}, Count{1 << 35, 1 << 26}},
		{"ten messages", Count{10, 10}, smallestLease, smallestLease},
	} {
		if got := leasesWithin(c.limit); got != (leaseRange{c.first, c.most}) {
			t.Errorf("%s: leases of %+v, want %+v to %+v", c.name, got, c.first, c.most)
		}
	}
}
