package wrappers

import (
	"cmp"
	"slices"
	"time"
)

// Order says who of several KEKs is asked first. In either order KEKs that rest ([Health]) come after the others, and
// those that may ask a person last.
type Order int

const (
	// AsGiven is the order of the candidates, which is that of the config.
	AsGiven Order = iota
	// FastestFirst is by latency. One that was not measured within the last hour comes first, so that it is; inactive
	// KEKs come after active ones, since a ring that one of these opened can also rotate.
	FastestFirst
)

// queue returns the indexes of the candidates that can unwrap, in the order in which they are asked. It depends on
// nothing but its arguments and the candidates' health.
func queue(candidates []Candidate, order Order, now time.Time) []int {
	ranks := make([]rank, len(candidates))
	var indexes []int
	for i, c := range candidates {
		if c.KEK.WrapOnly() {
			continue
		}
		ranks[i] = rankOf(c.KEK, order, now)
		indexes = append(indexes, i)
	}
	slices.SortStableFunc(indexes, func(a, b int) int { return ranks[a].compare(ranks[b]) })
	return indexes
}

// Compare says who of two KEKs is asked first at some time: a if it returns less than 0, b if more, and if 0 nothing
// speaks for another order than the one given.
func (o Order) Compare(a, b *KEK, now time.Time) int {
	return rankOf(a, o, now).compare(rankOf(b, o, now))
}

// rank is what decides between two KEKs, the first difference first.
type rank struct {
	person, rests, inactive bool
	latency                 time.Duration
}

func rankOf(k *KEK, order Order, now time.Time) rank {
	h := k.Health()
	r := rank{person: k.WaitsForPerson(), rests: h.Resting(now)}
	if order == FastestFirst {
		r.inactive, r.latency = !k.Active(), h.latency(now)
	}
	return r
}

func (r rank) compare(other rank) int {
	return cmp.Or(
		compareBool(r.person, other.person), compareBool(r.rests, other.rests), compareBool(r.inactive, other.inactive),
		cmp.Compare(r.latency, other.latency))
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
