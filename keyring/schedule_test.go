package keyring

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/keystore"
)

// dawn is when the active key of these tests was activated.
var dawn = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

const (
	day   = 24 * time.Hour
	month = 30 * day
	short = month / 200

	visible = 2*time.Minute + 2*time.Second // 2 * RefreshInterval + ClockSkew + 2 s, by default
)

func monthly() *Options { return &Options{Rotation: Rotation{Period: month}} }

// activeKey is the first key of these tests, successor the second.
func activeKey(change ...func(*keystore.Key)) keystore.Key {
	return testKey(1, keystore.Key{State: keystore.Active, Created: dawn, Activated: dawn}, change)
}

func successor(created, activates time.Time, change ...func(*keystore.Key)) keystore.Key {
	return testKey(2, keystore.Key{State: keystore.Prepublished, Created: created, Activates: activates}, change)
}

func testKey(n byte, k keystore.Key, change []func(*keystore.Key)) keystore.Key {
	k.ID, k.Suite = keystore.ID{n}, uint8(sealingSuite)
	for _, c := range change {
		c(&k)
	}
	return k
}

func compromised(k *keystore.Key) { k.Compromised = true }
func otherSuite(k *keystore.Key)  { k.Suite = uint8(aead.AES256GCM) }
func third(k *keystore.Key)       { k.ID = keystore.ID{3} }

// idOf returns the ID of a key that was made at this time.
func idOf(at time.Time) (id keystore.ID) {
	binary.BigEndian.PutUint64(id[:], uint64(at.UnixMilli())<<16)
	id[6], id[8] = 7<<4, 2<<6
	return id
}

func madeOn(at time.Time) func(*keystore.Key) { return func(k *keystore.Key) { k.ID = idOf(at) } }

func TestPlans(t *testing.T) {
	at := dawn.Add
	due := at(month)
	few := Rotation{Period: month, Messages: 1000, Bytes: 1 << 30}
	signing := &Options{Rotation: Rotation{Period: month}, Signing: Signing{Algorithms: []string{"EdDSA", "RS256"}}}
	signs := func(algorithms ...string) func(*keystore.Key) {
		return func(k *keystore.Key) {
			for _, a := range algorithms {
				k.Signing = append(k.Signing, keystore.SigningKey{Algorithm: a})
			}
		}
	}
	several := &Options{Rotation: Rotation{Period: month}, Readers: 3}
	type keys = []keystore.Key
	type seen = map[keystore.ID]Observed
	sealed := func(messages, bytes uint64) seen { return seen{{1}: {Sealed: Count{messages, bytes}}} }
	next := func(k byte, next time.Time, why Reason, overdue time.Duration) Schedule {
		return Schedule{Next: next, Key: keystore.ID{k}, Reason: why, Overdue: overdue}
	}
	made := func(prepublish, next time.Time, why Reason, overdue time.Duration) Schedule {
		return Schedule{Next: next, NextPrepublish: prepublish, Reason: why, Overdue: overdue}
	}
	for _, c := range []struct {
		name string
		o    *Options
		keys keys
		seen seen
		now  time.Time
		want Schedule // but Lead
		move move
	}{
		{"no period", &Options{}, keys{activeKey()}, nil, at(1000 * month), Schedule{}, moveNone},
		{"young", monthly(), keys{activeKey()}, nil, at(day), made(at(29*day), due, ReasonPeriod, 0), moveNone},
		{"a second before the lead", monthly(), keys{activeKey()}, nil, at(29*day - 1), made(at(29*day), due, ReasonPeriod, 0), moveNone},
		{"the lead begins", monthly(), keys{activeKey()}, nil, at(29 * day), made(at(29*day), due, ReasonPeriod, 0), movePrepublish},
		{"in the lead", monthly(), keys{activeKey()}, nil, due.Add(-4 * time.Hour), made(due.Add(-4*time.Hour), due, ReasonPeriod, 0), movePrepublish},
		{"in the lead, late", monthly(), keys{activeKey()}, nil, due.Add(-time.Hour), made(due.Add(-time.Hour), due.Add(short-time.Hour), ReasonPeriod, 0), movePrepublish},
		{"days late", monthly(), keys{activeKey()}, nil, due.Add(5 * day), made(due.Add(5*day), due.Add(5*day+short), ReasonPeriod, 5*day), movePrepublish},
		{"no lead", &Options{Rotation: Rotation{Period: month, Prepublish: -1}}, keys{activeKey()}, nil, due.Add(-time.Second), made(due, due, ReasonPeriod, 0), moveNone},
		{"no lead, due", &Options{Rotation: Rotation{Period: month, Prepublish: -1}}, keys{activeKey()}, nil, due, made(due, due, ReasonPeriod, 0), moveReplace},
		{"no lead, due, several readers", &Options{Rotation: Rotation{Period: month, Prepublish: -1}, Readers: 2}, keys{activeKey()}, nil, due.Add(-visible), made(due.Add(-visible), due, ReasonPeriod, 0), movePrepublish},

		{"a successor", monthly(), keys{activeKey(), successor(at(29*day), due)}, nil, due.Add(-time.Second), next(2, due, ReasonPeriod, 0), moveNone},
		{"a successor is due", monthly(), keys{activeKey(), successor(at(29*day), due)}, nil, due, next(2, due, ReasonPeriod, 0), moveActivate},
		{"a successor is late", monthly(), keys{activeKey(), successor(at(29*day), due)}, nil, due.Add(3 * day), next(2, due.Add(3*day), ReasonPeriod, 3*day), moveActivate},
		{"a successor was made late", monthly(), keys{activeKey(), successor(at(40*day), at(40*day+short))}, nil, at(40*day + 1), next(2, at(40*day+short), ReasonPeriod, 10*day), moveNone},
		{"an operator's is earlier", monthly(), keys{activeKey(), successor(dawn, at(10*day))}, nil, at(2 * day), next(2, at(10*day), ReasonPlanned, 0), moveNone},
		{"an operator's, without a period", &Options{}, keys{activeKey(), successor(dawn, at(10*day))}, nil, at(12 * day), next(2, at(12*day), ReasonPlanned, 2*day), moveActivate},
		{"an operator's is a little later", monthly(), keys{activeKey(), successor(dawn, due.Add(time.Hour))}, nil, due, next(2, due, ReasonPeriod, 0), moveActivate},
		{"days late, and an operator's is a little later than one made now", monthly(), keys{activeKey(), successor(due.Add(5*day), due.Add(5*day+short+time.Second))}, nil, due.Add(5 * day), next(2, due.Add(5*day+short), ReasonPeriod, 5*day), moveNone},
		{"an operator's came too late to serve, and is near by now", monthly(), keys{activeKey(), successor(dawn, due.Add(5*day+short+time.Hour)), successor(due.Add(5*day-time.Hour), due.Add(5*day+short), third)}, nil, due.Add(5 * day), next(3, due.Add(5*day+short-time.Hour), ReasonPeriod, 5*day), moveNone},
		{"two plans have passed", monthly(), keys{activeKey(), successor(dawn, at(3*day)), successor(dawn, at(5*day), third)}, nil, at(6 * day), next(3, at(6*day), ReasonPlanned, day), moveActivate},
		{"the earlier of two plans", monthly(), keys{activeKey(), successor(dawn, at(5*day)), successor(dawn, at(3*day), third)}, nil, at(2 * day), next(3, at(3*day), ReasonPlanned, 0), moveNone},
		{"a plan that was overtaken serves next", monthly(), keys{activeKey(), successor(at(-5*day), at(-day))}, nil, at(29 * day), next(2, due, ReasonPeriod, 0), moveNone},
		{"a plan that was overtaken, without a period", &Options{}, keys{activeKey(), successor(at(-5*day), at(-day))}, nil, at(29 * day), Schedule{}, moveNone},

		{"a plan before the readers know the key", several, keys{activeKey(), successor(at(day), at(day+time.Second))}, nil, at(day + time.Minute), next(2, at(day+visible), ReasonPlanned, 0), moveNone},
		{"a plan before the readers know the key, without a period", &Options{Readers: 2}, keys{activeKey(), successor(at(day), at(day+time.Second))}, nil, at(day + visible), next(2, at(day+visible), ReasonPlanned, 0), moveActivate},

		{"no date is in nobody's way", monthly(), keys{activeKey(), successor(dawn, time.Time{})}, nil, at(29 * day), made(at(29*day), due, ReasonPeriod, 0), movePrepublish},
		{"a damaged one", monthly(), keys{activeKey(), successor(dawn, due)}, seen{{2}: {Unusable: true}}, at(29 * day), made(at(29*day), due, ReasonPeriod, 0), movePrepublish},
		{"one of another suite", monthly(), keys{activeKey(), successor(dawn, due, otherSuite)}, nil, at(29 * day), made(at(29*day), due, ReasonPeriod, 0), movePrepublish},
		{"a compromised one", monthly(), keys{activeKey(), successor(dawn, due, compromised)}, nil, at(29 * day), made(at(29*day), due, ReasonPeriod, 0), movePrepublish},
		{"one that is too late", monthly(), keys{activeKey(), successor(dawn, due.Add(day))}, nil, at(29 * day), made(at(29*day), due, ReasonPeriod, 0), movePrepublish},

		{"compromised", monthly(), keys{activeKey(compromised)}, nil, at(day), made(at(day), at(day), ReasonCompromised, 0), moveReplace},
		{"compromised, several readers", several, keys{activeKey(compromised)}, nil, at(day), made(at(day), at(day), ReasonCompromised, 0), moveReplace},
		{"compromised, and the successor is there", several, keys{activeKey(compromised), successor(at(29*day), due)}, nil, at(29*day + 1), next(2, at(29*day), ReasonCompromised, 0), moveActivate},
		{"compromised, and a plan is far", monthly(), keys{activeKey(compromised), successor(dawn, due)}, nil, at(day), made(at(day), at(day), ReasonCompromised, 0), moveReplace},
		{"unusable", monthly(), keys{activeKey()}, seen{{1}: {Unusable: true}}, at(day), made(at(day), at(day), ReasonUnusable, 0), moveReplace},
		{"of a suite that only opens", monthly(), keys{activeKey(otherSuite)}, nil, at(day), made(at(day), at(day), ReasonUnusable, 0), moveReplace},
		{"unusable, without a period", &Options{}, keys{activeKey()}, seen{{1}: {Unusable: true}}, at(day), made(at(day), at(day), ReasonUnusable, 0), moveReplace},
		{"unusable, several readers", several, keys{activeKey()}, seen{{1}: {Unusable: true}}, at(day), made(at(day), at(day+visible), ReasonUnusable, 0), movePrepublish},
		{"unusable, several readers, made", several, keys{activeKey(), successor(at(day), at(day+visible))}, seen{{1}: {Unusable: true}}, at(day + visible), next(2, at(day+visible), ReasonUnusable, 0), moveActivate},
		{"unusable, several readers, the successor is young", several, keys{activeKey(), successor(at(29*day), due)}, seen{{1}: {Unusable: true}}, at(29*day + 10*time.Second), next(2, at(29*day+visible), ReasonUnusable, 0), moveNone},
		{"unusable, several readers, and of two successors they know one", several, keys{activeKey(), successor(at(day-10*time.Second), at(day+time.Hour)), successor(dawn, at(day+2*time.Hour), third)}, seen{{1}: {Unusable: true}}, at(day), next(3, at(day), ReasonUnusable, 0), moveActivate},
		{"no active key", monthly(), nil, nil, at(day), made(at(day), at(day), ReasonUnusable, 0), moveReplace},

		{"less than three quarters", &Options{Rotation: few}, keys{activeKey()}, sealed(749, 3<<28-1), at(day), made(at(29*day), due, ReasonPeriod, 0), moveNone},
		{"three quarters of the messages", &Options{Rotation: few}, keys{activeKey()}, sealed(750, 0), at(day), made(at(day), at(2*day), ReasonMessages, 0), movePrepublish},
		{"three quarters of the bytes", &Options{Rotation: few}, keys{activeKey()}, sealed(0, 3<<28), at(day), made(at(day), at(2*day), ReasonBytes, 0), movePrepublish},
		{"three quarters, a successor", &Options{Rotation: few}, keys{activeKey(), successor(at(day), at(2*day))}, sealed(999, 0), at(2*day - time.Second), next(2, at(2*day), ReasonMessages, 0), moveNone},
		{"three quarters, and a plan is a little later", &Options{Rotation: few}, keys{activeKey(), successor(at(day), at(2*day+time.Second))}, sealed(999, 0), at(day), next(2, at(2*day), ReasonMessages, 0), moveNone},
		{"three quarters, days late", &Options{Rotation: few}, keys{activeKey()}, sealed(750, 0), due.Add(day), made(due.Add(day), due.Add(day+short), ReasonPeriod, day), movePrepublish},
		{"all messages", &Options{Rotation: few}, keys{activeKey()}, sealed(1000, 0), at(day), made(at(day), at(day), ReasonMessages, 0), moveReplace},
		{"all bytes", &Options{Rotation: few}, keys{activeKey()}, sealed(0, 1<<30), at(day), made(at(day), at(day), ReasonBytes, 0), moveReplace},
		{"all, and a successor", &Options{Rotation: few}, keys{activeKey(), successor(at(day), at(2*day))}, sealed(1000, 0), at(day + time.Hour), next(2, at(day+time.Hour), ReasonMessages, 0), moveActivate},
		{"no limit given: the suite's half", &Options{}, keys{activeKey()}, sealed(1<<44, 0), at(day), made(at(day), at(day), ReasonMessages, 0), moveReplace},
		{"no limit given: less", &Options{}, keys{activeKey()}, sealed(3<<42-1, 3<<49-1), at(day), Schedule{}, moveNone},

		{"signs with all", signing, keys{activeKey(signs("EdDSA", "RS256"))}, nil, at(day), made(at(29*day), due, ReasonPeriod, 0), moveNone},
		{"lacks an algorithm", signing, keys{activeKey(signs("EdDSA"))}, nil, at(day), made(at(day), at(2*day), ReasonSigning, 0), movePrepublish},
		{"lacks an algorithm, a successor", signing, keys{activeKey(), successor(at(day), at(2*day), signs("EdDSA", "RS256"))}, nil, at(day), next(2, at(2*day), ReasonSigning, 0), moveNone},
		{"lacks an algorithm, as does the successor", signing, keys{activeKey(), successor(at(day), at(2*day))}, nil, at(day), made(at(day), at(2*day), ReasonSigning, 0), movePrepublish},
		{"lacks an algorithm, and a plan is a little later", signing, keys{activeKey(), successor(at(day), at(2*day+time.Second), signs("EdDSA", "RS256"))}, nil, at(day), next(2, at(2*day), ReasonSigning, 0), moveNone},
		{"lacks an algorithm, and a plan is as late as can be", signing, keys{activeKey(), successor(at(day), at(2*day+short), signs("EdDSA", "RS256"))}, nil, at(day), next(2, at(2*day), ReasonSigning, 0), moveNone},
		{"lacks an algorithm, and a plan is too late", signing, keys{activeKey(), successor(at(day), at(2*day+short+time.Second), signs("EdDSA", "RS256"))}, nil, at(day), made(at(day), at(2*day), ReasonSigning, 0), movePrepublish},
		{"lacks an algorithm, as does one that is due", signing, keys{activeKey(), successor(at(day), at(2*day))}, nil, at(2 * day), next(2, at(2*day), ReasonSigning, 0), moveActivate},
		{"a plan by which signing would end", signing, keys{activeKey(signs("EdDSA", "RS256")), successor(dawn, at(10*day), signs("EdDSA"))}, nil, at(10 * day), made(at(29*day), due, ReasonPeriod, 0), moveNone},
		{"a plan by which signing would end, when it is due", signing, keys{activeKey(signs("EdDSA", "RS256")), successor(dawn, due)}, nil, due, made(due, due.Add(short), ReasonPeriod, 0), movePrepublish},
		{"a plan by which an algorithm that nobody wants would end", signing, keys{activeKey(signs("EdDSA", "RS256", "ES256")), successor(dawn, at(10*day), signs("EdDSA", "RS256"))}, nil, at(10 * day), next(2, at(10*day), ReasonPlanned, 0), moveActivate},

		{"from the future, not seen before", monthly(), keys{activeKey()}, nil, at(-day), made(at(28*day), at(29*day), ReasonPeriod, 0), moveNone},
		{"from the future, seen long ago", monthly(), keys{activeKey()}, seen{{1}: {Since: at(-40 * day)}}, at(-11 * day), made(at(-11*day), at(-10*day), ReasonPeriod, 0), movePrepublish},
		{"from the future, seen later than now", monthly(), keys{activeKey()}, seen{{1}: {Since: at(-day)}}, at(-2 * day), made(at(27*day), at(28*day), ReasonPeriod, 0), moveNone},
		{"seen, and no more from the future", monthly(), keys{activeKey()}, seen{{1}: {Since: at(-40 * day)}}, at(day), made(at(29*day), due, ReasonPeriod, 0), moveNone},
		{"from the future, not seen before, and made long ago", monthly(), keys{activeKey(madeOn(at(-40 * day)))}, nil, at(-11 * day), made(at(-11*day), at(-10*day), ReasonPeriod, 0), movePrepublish},
		{"from the future, seen before it was made", monthly(), keys{activeKey(madeOn(at(-40 * day)))}, seen{idOf(at(-40 * day)): {Since: at(-400 * day)}}, at(-12 * day), made(at(-11*day), at(-10*day), ReasonPeriod, 0), moveNone},
		{"from the future, made later than now", monthly(), keys{activeKey(madeOn(at(-day)))}, seen{idOf(at(-day)): {Since: at(-40 * day)}}, at(-12 * day), made(at(-11*day), at(-10*day), ReasonPeriod, 0), moveNone},
		{"a successor from the future", monthly(), keys{activeKey(), successor(dawn, at(day))}, seen{{1}: {Since: at(-40 * day)}, {2}: {Since: at(-11 * day)}}, at(-10 * day), next(2, at(-10*day), ReasonPeriod, 0), moveActivate},
		{"a plan from the future", monthly(), keys{activeKey(), successor(dawn, at(2*day))}, seen{{1}: {Since: at(-40 * day)}}, at(-11 * day), made(at(-11*day), at(-10*day), ReasonPeriod, 0), movePrepublish},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := c.o.policy()
			got := p.plan(&keystore.Contents{Keys: c.keys}, c.seen, c.now)
			c.want.Lead = p.shortLead()
			if got.Schedule != c.want || got.move != c.move {
				t.Errorf("\n got %q %+v\nwant %q %+v", got.move, got.Schedule, c.move, c.want)
			}
			if public := c.o.Schedule(&keystore.Contents{Keys: c.keys}, c.seen, c.now); public != got.Schedule {
				t.Errorf("Options.Schedule = %+v", public)
			}
		})
	}
}

func TestLeads(t *testing.T) {
	for _, c := range []struct {
		name        string
		o           Options
		lead, short time.Duration
	}{
		{"a thirtieth", Options{Rotation: Rotation{Period: month}}, day, 3*time.Hour + 36*time.Minute},
		{"given", Options{Rotation: Rotation{Period: month, Prepublish: time.Hour}}, time.Hour, time.Hour},
		{"none", Options{Rotation: Rotation{Period: month, Prepublish: -1}}, 0, 0},
		{"none, but there are readers", Options{Rotation: Rotation{Period: month, Prepublish: -1}, Readers: 2}, visible, visible},
		{"readers that look seldom", Options{Rotation: Rotation{Period: time.Hour}, Readers: 2, RefreshInterval: time.Minute}, visible + time.Minute, visible + time.Minute},
		{"readers that do not look by themselves", Options{Rotation: Rotation{Period: month}, Readers: 2, RefreshInterval: -1}, day, short},
		{"no period", Options{}, day, 3*time.Hour + 36*time.Minute},
	} {
		p := c.o.policy()
		if lead, short := p.lead(), p.shortLead(); lead != c.lead || short != c.short {
			t.Errorf("%s: %v and %v, want %v and %v", c.name, lead, short, c.lead, c.short)
		}
	}
}

func TestRotationThatCannotBeMeant(t *testing.T) {
	for _, c := range []struct {
		p    Rotation
		text string
	}{
		{Rotation{}, ""},
		{Rotation{Period: month, Prepublish: day, Messages: 1 << 45, Bytes: 1 << 52}, ""},
		{Rotation{Period: time.Second, Prepublish: -1}, ""},
		{Rotation{Period: -time.Hour}, "a period of -1h0m0s: no key seals for less than nothing; without a period it seals for ever"},
		{Rotation{Period: time.Second - 1}, "a period of 999.999999ms: the keystore's times are whole seconds, so the shortest is 1s"},
		{Rotation{Prepublish: time.Hour}, "a prepublish without a period: it says how long before the period's end the next key is known"},
		{Rotation{Period: time.Hour, Prepublish: time.Hour}, "a prepublish of 1h0m0s in a period of 1h0m0s: it must be shorter"},
		{Rotation{Messages: 1<<45 + 1}, "35184372088833 messages a key: with XAES-256-GCM it seals 35184372088832 at most"},
		{Rotation{Bytes: 1<<52 + 1}, "4503599627370497 bytes a key: with XAES-256-GCM it seals 4503599627370496 at most"},
	} {
		got := ""
		if err := c.p.check(); err != nil {
			got = err.Error()
		}
		if got != c.text {
			t.Errorf("%+v: %q, want %q", c.p, got, c.text)
		}
		if _, err := (&Options{Rotation: c.p}).complete(); (err == nil) != (c.text == "") || err != nil && err.Error() != "Options.Rotation: "+c.text {
			t.Errorf("%+v in Options: %v", c.p, err)
		}
	}
}
