package keyring_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// owing returns the store of a keystore of a's and two of three officers', of whom test.3 was down and is owed a share. All
// are well again.
func owing(t *testing.T, officers *committee, a *engine) *keystore.Memory {
	t.Helper()
	store := keystore.NewMemory()
	officers.engines[2].fail(wrappers.Later)
	officers.create(t, store, a.kek(t, "a")).Close()
	wantStanzas(t, store, []string{"test.1", "test.2", "test.a"}, []string{"test.3"})
	officers.engines[2].fail(0)
	return store
}

// server returns the options of a server with the committee, and what it logs.
func (c *committee) server() (*keyring.Options, *logged) {
	o, log := following()
	o.Groups = c.options.Groups
	return o, log
}

// A share is paid by splitting the root anew for the whole group, once all its members answer.
func TestARingPaysAShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		officers, a := newCommittee(t, 2, 3), newEngine(t)
		store := owing(t, officers, a)
		before := contents(t, store)
		o, log := officers.server()
		r := load(t, store, o, append(keks(a.kek(t, "a")), officers.keks...)...)
		defer r.Close()

		officers.engines[1].fail(wrappers.Later) // now another one is away
		unwraps := a.decrypts.Load()
		time.Sleep(10 * time.Minute)
		if log.count("still owed a stanza", "test.2") == 0 || generation(t, store) != 1 || a.decrypts.Load() != unwraps {
			t.Errorf("generation %d, %d unwraps:\n%s", generation(t, store), a.decrypts.Load()-unwraps, log)
		}
		officers.engines[1].fail(0)
		time.Sleep(24 * time.Hour)
		wantStanzas(t, store, []string{"test.1", "test.2", "test.3", "test.a"}, nil)
		after := contents(t, store)
		if after.Generation != 2 || after.Groups[1].Split == before.Groups[1].Split {
			t.Errorf("generation %d, groups %v after %v", after.Generation, after.Groups, before.Groups)
		}
		load(t, store, officers.options, officers.keks[0], officers.keks[2])
	})
}

// Who has not all of a group, or would have to ask one of it at a terminal, leaves its debts to a rewrap.
func TestWhoDoesNotPayAShare(t *testing.T) {
	for name, change := range map[string]func(officers *committee, o *keyring.Options){
		"a member is missing": func(officers *committee, _ *keyring.Options) { officers.keks = slices.Delete(officers.keks, 1, 2) },
		"another threshold":   func(_ *committee, o *keyring.Options) { o.Groups = map[string]int{"officers": 3} },
		"a person":            func(officers *committee, _ *keyring.Options) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				officers, a := newCommittee(t, 2, 3), newEngine(t)
				if name == "a person" {
					officers.engines[1].person = true
					officers.keks[1] = officers.engines[1].kek(t, "2", inGroup("officers"))
				}
				store := owing(t, officers, a)
				o, _ := officers.server()
				change(officers, o)
				r := load(t, store, o, append(keks(a.kek(t, "a")), officers.keks...)...)
				calls := callsOf(officers.engines[1]) + callsOf(officers.engines[2])
				time.Sleep(24 * time.Hour)
				r.Close()
				wantStanzas(t, store, []string{"test.1", "test.2", "test.a"}, []string{"test.3"})
				if got := callsOf(officers.engines[1]) + callsOf(officers.engines[2]) - calls; got != 0 {
					t.Errorf("%d calls of officers", got)
				}
			})
		})
	}
}

// A payment does not do what a rewrap with the ring's config would do: a member that the keystore does not know gets no share,
// and a KEK which has become a member only in the config opens alone as before.
func TestNobodyJoinsAGroupByAPayment(t *testing.T) {
	for _, joins := range []string{"a", "4"} {
		synctest.Test(t, func(t *testing.T) {
			officers, a := newCommittee(t, 2, 3), newEngine(t)
			store := owing(t, officers, a)
			o, _ := officers.server()
			r := load(t, store, o, append(keks(a.kek(t, joins, inGroup("officers"))), officers.keks...)...)
			time.Sleep(24 * time.Hour)
			r.Close()
			wantStanzas(t, store, []string{"test.1", "test.2", "test.a"}, []string{"test.3"})
			load(t, store, home(), a.kek(t, "a"))
		})
	}
}

// A start that waits for two of three officers opens when the second is back, whoever hangs.
func TestAStartWaitsForAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		officers, a := newCommittee(t, 2, 3), newEngine(t)
		store := keystore.NewMemory()
		officers.create(t, store, a.kek(t, "a")).Close()
		a.silent.Store(true)
		for i, e := range officers.engines {
			e.fail(wrappers.Later)
			time.AfterFunc(time.Duration(i+1)*time.Minute, func() { e.fail(0) })
		}
		o, log := waiting()
		o.Groups = officers.options.Groups
		began := time.Now()
		load(t, store, o, append(keks(a.kek(t, "a")), officers.keks...)...)
		if late := time.Since(began) - 2*time.Minute; late < 0 || late > 10*time.Second {
			t.Errorf("opened %v after the second officer was back:\n%s", late, log)
		}
		for _, kek := range []string{"test.1", "test.2", "test.3"} {
			if log.count("kek="+kek, "engine is later", "next=") == 0 {
				t.Errorf("the log does not name %s:\n%s", kek, log)
			}
		}
	})
}

// What goes together is what the keystore says, also where the config has dissolved the group or called it something else.
func TestAStartWaitsForAGroupOfTheKeystore(t *testing.T) {
	for name, changes := range map[string][]func(*wrappers.Options){
		"no group":      nil,
		"another group": {inGroup("generals")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				officers, store := newCommittee(t, 2, 3), keystore.NewMemory()
				officers.create(t, store).Close()
				o, log := waiting()
				o.Groups = map[string]int{"generals": 2}
				var keks []*wrappers.KEK
				for i, e := range officers.engines {
					keks = append(keks, e.kek(t, fmt.Sprint(i+1), changes...))
					e.fail(wrappers.Later)
					time.AfterFunc(time.Duration(i+1)*time.Minute, func() { e.fail(0) })
				}
				began := time.Now()
				load(t, store, o, keks...)
				if late := time.Since(began) - 2*time.Minute; late < 0 || late > 10*time.Second {
					t.Errorf("opened %v after the second officer was back:\n%s", late, log)
				}
			})
		})
	}
}

// A group that needs a person is not waited for, and the error names the member that was down, not the person who was there.
func TestAStartDoesNotWaitForAGroupWithAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		officers, store := newCommittee(t, 2, 2), keystore.NewMemory()
		officers.engines[1].person = true
		officers.keks[1] = officers.engines[1].kek(t, "2", inGroup("officers"))
		officers.create(t, store).Close()
		officers.engines[0].fail(wrappers.Later)
		o, _ := waiting()
		o.Groups = officers.options.Groups
		began := time.Now()
		err := loadErr(t, store, o, officers.keks...)
		if took := time.Since(began); took > time.Second || !strings.Contains(err.Error(), "unwrap with test.1 (key k): engine is later") {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// Nothing can be wrapped for a config of which a group has lost its members, and the log says so whenever a debt is due.
func TestPayingWithAGroupWithoutMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newEngine(t), newEngine(t)
		store := indebted(t, a, b)
		o, log := newCommittee(t, 2, 0).server()
		r := load(t, store, o, a.kek(t, "a"), b.kek(t, "b"))
		time.Sleep(10 * time.Minute)
		r.Close()
		if log.count("still owed a stanza", "no KEK is of the group", "officers") == 0 {
			t.Errorf("the log does not say why nothing is paid:\n%s", log)
		}
	})
}
