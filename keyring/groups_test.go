package keyring_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func inGroup(name string) func(*wrappers.Options) {
	return func(o *wrappers.Options) { o.Group = name }
}

// committee is a group of engines, test.1 to test.n, of which threshold open the keystore.
type committee struct {
	engines []*engine
	keks    []*wrappers.KEK
	options *keyring.Options
}

func newCommittee(t testing.TB, threshold, n int) *committee {
	c := &committee{options: home()}
	c.options.Groups = map[string]int{"officers": threshold}
	for i := range n {
		e := newEngine(t)
		c.engines = append(c.engines, e)
		c.keks = append(c.keks, e.kek(t, fmt.Sprint(i+1), inGroup("officers")))
	}
	return c
}

func (c *committee) create(t testing.TB, store keystore.Store, others ...*wrappers.KEK) *keyring.Ring {
	t.Helper()
	r, err := keyring.Create(context.Background(), store, append(slices.Clone(c.keks), others...), c.options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// contents returns what the store has.
func contents(t testing.TB, store keystore.Store) *keystore.Contents {
	t.Helper()
	c, _, err := keystore.Fetch(context.Background(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// payloads returns what each member unwraps, by the KEK's ID.
func (c *committee) payloads(t testing.TB, store keystore.Store) map[string][]byte {
	t.Helper()
	found := make(map[string][]byte)
	for _, s := range contents(t, store).Stanzas {
		for _, k := range c.keks {
			if k.ID() != s.KEK {
				continue
			}
			plaintext, err := k.Unwrap(context.Background(), &wrappers.Wrapped{Scheme: s.Scheme, KeyID: s.KeyID, Blob: s.Wrapped}, nil)
			if err != nil {
				t.Fatal(err)
			}
			found[s.KEK] = plaintext
		}
	}
	return found
}

// troubles are what may be wrong with a member.
var troubles = map[string]func(e *engine, payload []byte){
	"none":            func(*engine, []byte) {},
	"down":            func(e *engine, _ []byte) { e.fail(wrappers.Later) },
	"denied":          func(e *engine, _ []byte) { e.fail(wrappers.Ask) },
	"another share":   func(e *engine, p []byte) { rand.Read(p[89:]); e.answer.Store(&p) }, // not one bit: two such could cancel out
	"another number":  func(e *engine, p []byte) { p[88] ^= 1; e.answer.Store(&p) },
	"another split":   func(e *engine, p []byte) { p[72] ^= 1; e.answer.Store(&p) },
	"another group":   func(e *engine, p []byte) { p[48] ^= 1; e.answer.Store(&p) },
	"not even a root": func(e *engine, _ []byte) { p := []byte("hello"); e.answer.Store(&p) },
}

// TestAnyOfSoManyOpen: whoever is down or gives something else, the keystore opens if and only if as many as the threshold
// are well. Who gave something wrong is named.
func TestAnyOfSoManyOpen(t *testing.T) {
	kinds := []string{"none", "none", "down", "denied", "another share", "another number", "another split", "another group", "not even a root"}
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 6).Draw(rt, "members")
		m := rapid.IntRange(2, n).Draw(rt, "threshold")
		c, store := newCommittee(t, m, n), keystore.NewMemory()
		r := c.create(t, store)
		msg := seal(t, r, "x")
		payloads := c.payloads(t, store)
		well, shares := 0, 0
		what := make(map[string]string)
		for i, e := range c.engines {
			id := c.keks[i].ID()
			what[id] = rapid.SampledFrom(kinds).Draw(rt, id)
			troubles[what[id]](e, payloads[id])
			if what[id] == "none" {
				well++
			}
			if what[id] == "none" || what[id] == "another share" {
				shares++
			}
		}
		var log bytes.Buffer
		o := *c.options
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
		again, err := keyring.Load(context.Background(), store, c.keks, &o)
		if (err == nil) != (well >= m) {
			rt.Fatalf("%d of %d are well, %d are needed: %v", well, n, m, err)
		}
		said := log.String()
		if err == nil {
			mustOpen(t, again, msg, "x")
			again.Close()
		} else {
			said = err.Error()
		}
		for id, trouble := range what {
			line := lineWith(said, id+" (key")
			switch {
			case trouble == "none":
				if err == nil && line != "" {
					rt.Errorf("%s is well, and accused: %s", id, line)
				}
			case err == nil && line == "": // it was not asked
			case trouble == "another share":
				// With fewer shares than are needed there is no telling: any share goes with any root.
				if shares >= m && !strings.Contains(line, "share is wrong") && !strings.Contains(line, "its share and the others do not") {
					rt.Errorf("%s has a wrong share: it says %q", id, said)
				}
			case strings.HasPrefix(trouble, "another"):
				if want := strings.Replace(trouble, "number", "share", 1); !strings.Contains(line, "it is of "+want) {
					rt.Errorf("%s has %s: it says %q", id, trouble, said)
				}
			case line == "":
				rt.Errorf("%s: %s is not named in:\n%s", trouble, id, said)
			}
		}
	})
}

// lineWith returns the first line of text that contains s.
func lineWith(text, s string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, s) {
			return line
		}
	}
	return ""
}

// TestAGroupCostsItsThreshold: as many unwraps as are needed, one more for each that fails.
func TestAGroupCostsItsThreshold(t *testing.T) {
	c, store := newCommittee(t, 3, 5), keystore.NewMemory()
	c.create(t, store)
	unwraps := func() (n int64) {
		for _, e := range c.engines {
			n += e.decrypts.Load()
		}
		return n
	}
	before := unwraps()
	load(t, store, c.options, c.keks...)
	if got := unwraps() - before; got != 3 {
		t.Errorf("%d unwraps, want 3", got)
	}
	c.engines[1].fail(wrappers.Later)
	before = unwraps()
	load(t, store, c.options, c.keks...)
	if got := unwraps() - before; got != 4 {
		t.Errorf("%d unwraps with one member down, want 4", got)
	}
}

// TestGroupsCombine: one KMS, or two of three officers.
func TestGroupsCombine(t *testing.T) {
	for _, c := range []struct {
		name  string
		down  string // of kms, 1, 2, 3
		opens bool
	}{
		{"all well", "", true},
		{"the KMS alone", "1 2 3", true},
		{"two officers", "kms 3", true},
		{"two other officers", "kms 1", true},
		{"one officer", "kms 1 2", false},
		{"nobody", "kms 1 2 3", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			officers, kms, store := newCommittee(t, 2, 3), newEngine(t), keystore.NewMemory()
			all := append(slices.Clone(officers.keks), kms.kek(t, "kms"))
			msg := seal(t, officers.create(t, store, all[3]), "x")
			engines := map[string]*engine{"kms": kms, "1": officers.engines[0], "2": officers.engines[1], "3": officers.engines[2]}
			for _, name := range strings.Fields(c.down) {
				engines[name].fail(wrappers.Later)
			}
			if !c.opens {
				err := loadErr(t, store, officers.options, all...)
				if wrappers.ClassOf(err) != wrappers.Later {
					t.Errorf("error %v is of class %v", err, wrappers.ClassOf(err))
				}
				return
			}
			mustOpen(t, load(t, store, officers.options, all...), msg, "x")
		})
	}
}

func TestAGroupSaysWhatIsMissing(t *testing.T) {
	c, store := newCommittee(t, 2, 3), keystore.NewMemory()
	kms := newEngine(t)
	c.create(t, store, kms.kek(t, "kms"))

	err := loadErr(t, store, c.options, c.keks[0])
	wantError(t, err, keyring.ErrNoKEK, "group officers: 0 of the 2 shares that it needs", "not asked, since that would not be enough: test.1",
		"not here: test.2, test.3; name them in the config, or give their recovery keys to 'keyring recover'")

	// Whose recovery key is missing is in the config already.
	c.engines[2].wrapOnly = true
	recipient := c.engines[2].kek(t, "3", inGroup("officers"))
	err = loadErr(t, store, c.options, c.keks[0], recipient)
	wantError(t, err, keyring.ErrNoKEK, "not here: test.2; name them in the config",
		"only with a recovery key: test.3; give it to 'keyring recover', with a --recovery-key of its own")

	c.engines[1].fail(wrappers.Ask)
	c.engines[2].fail(wrappers.Later)
	kms.fail(wrappers.Later)
	err = loadErr(t, store, c.options, append(c.keks, kms.kek(t, "kms"))...)
	for _, text := range []string{
		"unwrap with test.kms (key k): engine is later",
		"group officers: 1 of the 2 shares that it needs\n\tunwrap with test.2 (key k): engine is ask the operator\n\tunwrap with test.3 (key k): engine is later",
	} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error does not say %q:\n%v", text, err)
		}
	}
}

func TestAGroupOfWrongShares(t *testing.T) {
	c, store := newCommittee(t, 2, 3), keystore.NewMemory()
	c.create(t, store)
	payloads := c.payloads(t, store)
	for i, e := range c.engines[:2] {
		troubles["another share"](e, payloads[c.keks[i].ID()])
	}
	err := loadErr(t, store, c.options, c.keks...)
	if wrappers.ClassOf(err) != wrappers.Never {
		t.Errorf("class %v", wrappers.ClassOf(err))
	}
	for _, text := range []string{"group officers: 3 shares, and no 2 of them give the root; 3 choices were tried",
		"unwrap with test.1 (key k): its share and the others do not give the root", "with test.2", "with test.3"} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error does not say %q:\n%v", text, err)
		}
	}
}

func TestMembersThatNeedAPin(t *testing.T) {
	c, store := newCommittee(t, 2, 3), keystore.NewMemory()
	c.engines[0].pinned, c.engines[1].pinned = true, true
	for i := range 2 {
		c.keks[i] = c.engines[i].kek(t, fmt.Sprint(i+1), inGroup("officers"))
	}
	r := c.create(t, store)
	wantError(t, loadErr(t, store, c.options, c.keks...), keyring.ErrPinRequired, "test.1", "group officers: 0 of the 2")
	c.options.Identity = r.Seen().Identity
	load(t, store, c.options, c.keks...)
}
