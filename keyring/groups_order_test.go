package keyring_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// slow is an engine that takes its time to unwrap, and notes that it was asked.
type slow struct {
	*engine
	name   string
	takes  time.Duration
	person bool
	asked  *journal
}

// journal is who was asked, in order.
type journal struct {
	mu    sync.Mutex
	names []string
}

func (j *journal) take() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	names := j.names
	j.names = nil
	return strings.Join(names, " ")
}

func (s *slow) WaitsForPerson() bool { return s.person }

func (s *slow) Decrypt(ctx context.Context, b *wrapping.BlobInfo, o ...wrapping.Option) ([]byte, error) {
	s.asked.mu.Lock()
	s.asked.names = append(s.asked.names, s.name)
	s.asked.mu.Unlock()
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.engine.Decrypt(ctx, b, o...)
}

// council is KEKs of several groups, as "NAME", "NAME@GROUP" or with a "?" in front for a person.
type council struct {
	asked   *journal
	members map[string]*slow
	keks    []*wrappers.KEK
	options *keyring.Options
}

func newCouncil(t *testing.T, names ...string) *council {
	c := &council{asked: &journal{}, members: make(map[string]*slow), options: home()}
	c.options.Groups = make(map[string]int)
	for _, spec := range names {
		name, group, _ := strings.Cut(strings.TrimPrefix(spec, "?"), "@")
		s := &slow{engine: newEngine(t), name: name, person: strings.HasPrefix(spec, "?"), asked: c.asked}
		k, err := wrappers.New(s, &wrappers.Options{Provider: "test", Name: name, Group: group, Attempts: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { k.Close() })
		c.members[name], c.keks = s, append(c.keks, k)
		if group != "" {
			c.options.Groups[group] = 2
		}
	}
	return c
}

// TestWhoIsAskedWhen: services before people, those who open alone before groups, and nobody for nothing.
func TestWhoIsAskedWhen(t *testing.T) {
	for _, c := range []struct {
		name    string
		members string
		down    string
		slow    string // for a minute
		asked   string
		takes   time.Duration
		opens   bool
	}{
		{"one that opens alone", "kms 1@o 2@o 3@o", "", "", "kms", 0, true},
		{"it is down: as many as are needed", "kms 1@o 2@o 3@o", "kms", "", "kms 1 2", 0, true},
		{"it is slow: the group after the hedge delay", "kms 1@o 2@o 3@o", "", "kms", "kms 1 2", time.Second, true},
		{"a slow member: one more after the hedge delay", "1@o 2@o 3@o", "", "1", "1 2 3", time.Second, true},
		{"a member that is down: one more at once", "1@o 2@o 3@o", "1", "", "1 2 3", 0, true},
		{"two groups", "1@o 2@o 3@p 4@p", "1", "", "1 2 3 4", 0, true},
		{"a slow group: the other after the hedge delay", "1@o 2@o 3@p 4@p", "", "1 2", "1 2 3 4", time.Second, true},
		{"people last, and one who is enough first", "?boss 1@o 2@o ?x@p ?y@p", "1", "", "1 2 boss", 0, true},
		{"a group of people", "kms ?x@p ?y@p ?z@p", "kms", "", "kms x y", 0, true},
		{"one of them mistypes", "kms ?x@p ?y@p ?z@p", "kms x", "", "kms x y z", 0, true},
		{"two mistype, and the third is not asked", "kms ?x@p ?y@p ?z@p", "kms x y", "", "kms x y", 0, false},
		{"a service and people: the service first", "?x@p ?y@p 1@p", "", "", "1 x", 0, true},
		{"a service and a person, and it is down", "?x@p 1@p", "1", "", "1", 0, false},
		{"people take their time one after the other", "?x@p ?y@p", "", "x y", "x y", 2 * time.Minute, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				council, store := newCouncil(t, strings.Fields(c.members)...), keystore.NewMemory()
				r, err := keyring.Create(t.Context(), store, council.keks, council.options)
				if err != nil {
					t.Fatal(err)
				}
				r.Close()
				for _, name := range strings.Fields(c.down) {
					council.members[name].fail(wrappers.Ask)
				}
				for _, name := range strings.Fields(c.slow) {
					council.members[name].takes = time.Minute
				}
				council.asked.take()
				began := time.Now()
				again, err := keyring.Load(t.Context(), store, council.keks, council.options)
				if (err == nil) != c.opens {
					t.Fatalf("Load: %v", err)
				}
				if err == nil {
					again.Close()
				}
				if took := time.Since(began); took != c.takes {
					t.Errorf("it took %v, want %v", took, c.takes)
				}
				if got := council.asked.take(); council.order(got) != council.order(c.asked) {
					t.Errorf("asked %q, want %q", got, c.asked)
				}
			})
		})
	}
}

// order returns the names with those of services, who are asked at once and in no certain order, sorted where they stand
// side by side.
func (c *council) order(names string) string {
	list := strings.Fields(names)
	for from := 0; from < len(list); from++ {
		to := from
		for to < len(list) && !c.members[list[to]].person {
			to++
		}
		slices.Sort(list[from:to])
		from = to
	}
	return strings.Join(list, " ")
}

// TestALoadOfAGroupEndsWithItsContext, and leaves no goroutine behind: main_test.go looks.
func TestALoadOfAGroupEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		council, store := newCouncil(t, "1@o", "2@o"), keystore.NewMemory()
		r, err := keyring.Create(t.Context(), store, council.keks, council.options)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		council.members["1"].takes = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		_, err = keyring.Load(ctx, store, council.keks, council.options)
		if wrappers.ClassOf(err) != wrappers.Later || time.Since(began) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

func TestVerifyTriesShares(t *testing.T) {
	for _, c := range []struct {
		name   string
		is     []string // of each member
		open   int
		ok     bool
		proven bool
		says   string // of the first member
	}{
		{"all well", []string{"none", "none", "none"}, 3, true, true, ""},
		{"one is down", []string{"down", "none", "none"}, 2, false, true, "engine is later"},
		{"a wrong share", []string{"another share", "none", "none"}, 2, false, true, "unwrap with test.1 (key k): its share is wrong"},
		{"another split", []string{"another split", "none", "none"}, 2, false, true, "unwrap with test.1 (key k): what was unwrapped is not the root of this keystore: it is of another split"},
		{"two wrong shares", []string{"another share", "another share", "none"}, 0, false, false, "unwrap with test.1 (key k): its share and the others do not give the root"},
		{"one is left", []string{"down", "down", "none"}, 0, false, false, "engine is later"},
	} {
		t.Run(c.name, func(t *testing.T) {
			officers, store := newCommittee(t, 2, 3), keystore.NewMemory()
			officers.create(t, store)
			payloads := officers.payloads(t, store)
			for i, e := range officers.engines {
				troubles[c.is[i]](e, payloads[officers.keks[i].ID()])
			}
			report, err := keyring.Verify(t.Context(), store, officers.keks, officers.options)
			if err != nil {
				t.Fatal(err)
			}
			want := keyring.GroupReport{Name: "officers", Threshold: 2, Stanzas: 3, Open: c.open}
			if report.OK() != c.ok || report.Proven() != c.proven || !slices.Equal(report.Groups, []keyring.GroupReport{want}) {
				t.Errorf("OK %v, proven %v, %+v", report.OK(), report.Proven(), report.Groups)
			}
			if got := report.KEKs[0].Err; (got == nil) != (c.says == "") || got != nil && !strings.Contains(got.Error(), c.says) {
				t.Errorf("%v does not say %q", got, c.says)
			}
			if report.KEKs[0].Group != "officers" {
				t.Errorf("group %q", report.KEKs[0].Group)
			}
			if c.proven != (report.Keys[0].Err == nil) {
				t.Errorf("key: %v", report.Keys[0].Err)
			}
		})
	}
}

// TestWhoWasNotNeededIsNotAccused: a member that was slower than the others has done nothing wrong.
func TestWhoWasNotNeededIsNotAccused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		council, store := newCouncil(t, "1@o", "2@o", "3@o"), keystore.NewMemory()
		r, err := keyring.Create(t.Context(), store, council.keks, council.options)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		council.members["1"].takes = time.Minute
		var log bytes.Buffer
		o := *council.options
		o.Identity = r.Seen().Identity
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
		load(t, store, &o, council.keks...).Close()
		if said := log.String(); strings.Contains(said, "WARN") || strings.Count(said, "share of the root unwrapped") != 2 {
			t.Errorf("it logged\n%s", said)
		}
	})
}

// TestAWaitingLoadOfAGroup: with Options.Wait a start goes on until enough members are back.
func TestAWaitingLoadOfAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		council, store := newCouncil(t, "kms", "1@o", "2@o", "3@o"), keystore.NewMemory()
		r, err := keyring.Create(t.Context(), store, council.keks, council.options)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		for _, m := range council.members {
			m.fail(wrappers.Later)
		}
		time.AfterFunc(time.Minute, func() { council.members["1"].fail(0) }) // one is not enough
		time.AfterFunc(2*time.Minute, func() { council.members["3"].fail(0) })
		o := *council.options
		o.Wait = time.Hour
		began := time.Now()
		again, err := keyring.Load(t.Context(), store, council.keks, &o)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if took := time.Since(began); took < 2*time.Minute || took > 2*time.Minute+15*time.Second {
			t.Errorf("it took %v, want some 2 minutes", took)
		}
	})
}

// TestAMemberThatDidNotAnswerIsNotAskedFirst the next time.
func TestAMemberThatDidNotAnswerIsNotAskedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		council, store := newCouncil(t, "1@o", "2@o", "3@o"), keystore.NewMemory()
		r, err := keyring.Create(t.Context(), store, council.keks, council.options)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		council.members["1"].fail(wrappers.Later)
		for _, want := range []string{"1 2 3", "2 3"} {
			council.asked.take()
			load(t, store, council.options, council.keks...).Close()
			if got := council.asked.take(); council.order(got) != want {
				t.Errorf("asked %q, want %q", got, want)
			}
		}
	})
}

// A member whose first attempt has failed is replaced at once, and only once, also when its retries end.
func TestAMemberThatIsRetriedIsReplaced(t *testing.T) {
	for _, class := range []wrappers.Class{wrappers.Later, wrappers.Ask} {
		synctest.Test(t, func(t *testing.T) {
			council, store := newCouncil(t, "1@o", "2@o", "3@o", "4@o"), keystore.NewMemory()
			r, err := keyring.Create(t.Context(), store, council.keks, council.options)
			if err != nil {
				t.Fatal(err)
			}
			r.Close()
			down, third := council.members["1"], council.members["3"]
			down.fail(class)
			third.takes = 5 * time.Second // its retries end before this
			council.options.HedgeDelay = time.Minute
			council.keks[0], err = wrappers.New(down, &wrappers.Options{Provider: "test", Name: "1", Group: "o", Attempts: 3})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { council.keks[0].Close() })
			council.asked.take()

			began := time.Now()
			load(t, store, council.options, council.keks...)
			if took := time.Since(began); took != third.takes {
				t.Errorf("%v: it took %v, want the %v of the one that is asked in its place", class, took, third.takes)
			}
			asked := strings.Fields(council.asked.take())
			slices.Sort(asked)
			if got := strings.Join(slices.Compact(asked), " "); got != "1 2 3" {
				t.Errorf("%v: asked %q, want 1 2 3", class, got)
			}
		})
	}
}
