package keyring

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keystore"
)

// almanac is a keystore without secrets, and those who maintain it with clocks of their own.
type almanac struct {
	contents    keystore.Contents
	unusable    map[keystore.ID]bool
	activations int
	made        byte
}

// reader is one of those who maintain it.
type reader struct {
	policy policy
	first  sightings
}

func (r *reader) plan(a *almanac, now time.Time) rotationPlan {
	seen := make(map[keystore.ID]Observed)
	r.first.note(&a.contents, now)
	for i := range a.contents.Keys {
		k := &a.contents.Keys[i]
		seen[k.ID] = Observed{Since: r.first.of(k)}
	}
	for id := range a.unusable {
		o := seen[id]
		o.Unusable = true
		seen[id] = o
	}
	return r.policy.plan(&a.contents, seen, now)
}

// apply does what the plan says, as a ring would.
func (a *almanac) apply(t *rapid.T, r *reader, plan rotationPlan, now time.Time) {
	c := &a.contents
	c.Written = later(c.Written, now.Truncate(time.Second))
	k := c.Find(plan.Key)
	if plan.move != moveActivate {
		a.made++
		fresh := keystore.Key{ID: keystore.ID{0xff, a.made}, State: keystore.Prepublished, Created: c.Written, Suite: uint8(sealingSuite)}
		for _, algorithm := range r.policy.algorithms {
			fresh.Signing = append(fresh.Signing, keystore.SigningKey{Algorithm: algorithm})
		}
		c.Keys = append(c.Keys, fresh)
		k = &c.Keys[len(c.Keys)-1]
	}
	if plan.move == movePrepublish {
		k.Activates = plan.activates(now, c.Written)
		if k.Activates.Before(k.Created) {
			t.Fatalf("planned for %v, before it was made: %+v", k.Activates, plan)
		}
		return
	}
	if a.unusable[k.ID] {
		t.Fatalf("activated an unusable key: %+v", plan)
	}
	if err := succeed(c, k, c.Written); err != nil {
		t.Fatal(err)
	}
	a.activations++
}

// look does what is due, and fails if that has no end.
func (a *almanac) look(t *rapid.T, r *reader, now time.Time) rotationPlan {
	for range maxMoves {
		plan := r.plan(a, now)
		if plan.move == moveNone {
			return plan
		}
		a.apply(t, r, plan, now)
	}
	t.Fatalf("there still is something to do at %v: %+v\n%+v", now, r.plan(a, now), a.contents.Keys)
	return rotationPlan{}
}

var (
	somePeriods = rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute, time.Hour, 24 * time.Hour, month, 50 * 365 * day})
	someTimes   = rapid.Custom(func(t *rapid.T) time.Duration {
		unit := rapid.SampledFrom([]time.Duration{time.Second, time.Hour, day, month, 365 * day}).Draw(t, "unit")
		return time.Duration(rapid.IntRange(-3, 60).Draw(t, "units"))*unit + time.Duration(rapid.IntRange(0, 2).Draw(t, "ns"))
	})
)

func somePolicy(t *rapid.T) policy {
	o := &Options{Rotation: Rotation{Period: somePeriods.Draw(t, "period")}, Readers: rapid.IntRange(1, 2).Draw(t, "readers")}
	if o.Rotation.Period > 0 {
		o.Rotation.Prepublish = rapid.SampledFrom([]time.Duration{-1, 0, o.Rotation.Period / 2}).Draw(t, "prepublish")
	}
	o.Signing.Algorithms = rapid.SampledFrom([][]string{nil, {"EdDSA"}}).Draw(t, "algorithms")
	return o.policy()
}

func someAlmanac(t *rapid.T) *almanac {
	a := &almanac{unusable: make(map[keystore.ID]bool)}
	a.contents.Written = dawn
	for i := range rapid.IntRange(0, 5).Draw(t, "keys") {
		name := fmt.Sprint("key ", i)
		k := keystore.Key{ID: keystore.ID{byte(i + 1)}, State: keystore.Prepublished, Created: dawn, Suite: uint8(sealingSuite)}
		if i == 0 {
			k.State, k.Activated = keystore.Active, dawn
		} else if rapid.Bool().Draw(t, name+" has a date") {
			k.Activates = dawn.Add(max(someTimes.Draw(t, name+" activates"), 0)).Truncate(time.Second)
		}
		k.Compromised = rapid.IntRange(0, 4).Draw(t, name+" is compromised") == 0
		a.unusable[k.ID] = rapid.IntRange(0, 4).Draw(t, name+" is unusable") == 0
		if !a.unusable[k.ID] {
			delete(a.unusable, k.ID)
		}
		if rapid.Bool().Draw(t, name+" signs") {
			k.Signing = []keystore.SigningKey{{Algorithm: "EdDSA"}}
		}
		a.contents.Keys = append(a.contents.Keys, k)
	}
	return a
}

// TestWhatIsDoneIsDone: after what a plan says is done, it says nothing more for that time, whatever the clock does
// between; there is a usable active key then, and the next one is in time.
func TestWhatIsDoneIsDone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, r := someAlmanac(t), &reader{policy: somePolicy(t)}
		for range rapid.IntRange(1, 8).Draw(t, "looks") {
			now := dawn.Add(someTimes.Draw(t, "now"))
			plan := a.look(t, r, now)
			active := a.contents.Active()
			if active == nil || active.Compromised || a.unusable[active.ID] {
				if r.policy.readers == 0 || plan.Next.Sub(now) > r.policy.readers+time.Second {
					t.Fatalf("at %v nobody can seal until %+v", now, plan)
				}
				continue
			}
			now = now.Truncate(time.Second)
			if plan.Lead != r.policy.shortLead() || !plan.Next.IsZero() && plan.Next.Before(now) {
				t.Fatalf("at %v: %+v", now, plan)
			}
			if r.policy.Period == 0 {
				continue
			}
			due := since(active, active.Activated, Observed{Since: r.first.of(active)}, now).Add(r.policy.Period)
			if latest := later(due, now).Add(r.policy.shortLead() + time.Second); plan.Next.After(latest) {
				t.Fatalf("at %v the next is %v, and %v would be in time: %+v", now, plan.Next, latest, plan)
			}
			if early := r.policy.lead() > r.policy.shortLead(); early && now.Before(due.Add(-r.policy.lead())) && plan.Next.After(due.Add(time.Second)) {
				t.Fatalf("at %v, well before %v, the next is %v", now, due, plan.Next)
			}
		}
	})
}

// TestNoClockRotatesForEver: a clock that stands still or goes backwards activates no more than the keys that were
// planned, and what is wrong with the first one.
func TestNoClockRotatesForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, r := someAlmanac(t), &reader{policy: somePolicy(t)}
		planned := len(slices.DeleteFunc(slices.Clone(a.contents.Keys), func(k keystore.Key) bool { return k.Activates.IsZero() }))
		now := dawn.Add(someTimes.Draw(t, "now"))
		for range 50 {
			a.look(t, r, now)
			now = now.Add(-max(someTimes.Draw(t, "back"), 0))
		}
		if a.activations > planned+2 || a.made > 3 {
			t.Fatalf("%d activations and %d new keys, %d were planned", a.activations, a.made, planned)
		}
	})
}

// TestTwoClocksThatDisagree: where one process lives in another year, the keys change twice as often at most.
func TestTwoClocksThatDisagree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := someAlmanac(t)
		o := &Options{Rotation: Rotation{Period: month}}
		right, wrong := &reader{policy: o.policy()}, &reader{policy: o.policy()}
		offset := someTimes.Draw(t, "offset")
		planned := len(a.contents.Keys)
		for at := time.Duration(0); at < 6*month; at += 6 * time.Hour {
			a.look(t, right, dawn.Add(at))
			a.look(t, wrong, dawn.Add(at+offset))
		}
		if a.activations < 5 || a.activations > 2*6+2+planned {
			t.Fatalf("%d activations in 6 months, with clocks %v apart", a.activations, offset)
		}
	})
}

// TestOneDemandMovesOnePlan: where a key was made because no plan was near enough, time that goes by does not move a plan
// before it. That would be two rotations for one.
func TestOneDemandMovesOnePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := &Options{Rotation: Rotation{Period: month}, Signing: Signing{Algorithms: []string{"EdDSA"}}}
		a, r := &almanac{}, &reader{policy: o.policy()}
		a.contents.Keys = []keystore.Key{activeKey()}
		from := time.Duration(rapid.IntRange(0, 40).Draw(t, "nobody looks for days")) * day
		for i := range rapid.IntRange(1, 3).Draw(t, "plans") {
			k := successor(dawn, dawn.Add(from+time.Duration(rapid.IntRange(1, 72).Draw(t, "hours"))*time.Hour))
			k.ID, k.Signing = keystore.ID{byte(i + 2)}, []keystore.SigningKey{{Algorithm: "EdDSA"}}
			a.contents.Keys = append(a.contents.Keys, k)
		}
		for now := dawn.Add(from); now.Before(dawn.Add(from + 10*day)); now = now.Add(10 * time.Minute) {
			for plan := r.plan(a, now); plan.move != moveNone; plan = r.plan(a, now) {
				k := a.contents.Find(plan.Key)
				for _, other := range a.contents.Keys {
					if k != nil && other.State == keystore.Prepublished && other.Activates.After(now) && other.Activates.Before(k.Activates) {
						t.Fatalf("at %v the plan for %v is moved before that for %v", now, k.Activates, other.Activates)
					}
				}
				a.apply(t, r, plan, now)
			}
		}
	})
}
