package keyring_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// wantGroup checks what the store has of the officers.
func wantGroup(t *testing.T, store keystore.Store, threshold int, shares, owed []string) keystore.ID {
	t.Helper()
	c := contents(t, store)
	var gotShares, gotOwed []string
	for _, s := range c.Stanzas {
		if s.Group == "officers" {
			gotShares = append(gotShares, s.KEK)
		}
	}
	for _, o := range c.Owed {
		if o.Group == "officers" {
			gotOwed = append(gotOwed, o.KEK)
		}
	}
	slices.Sort(gotShares)
	slices.Sort(gotOwed)
	if !slices.Equal(gotShares, shares) || !slices.Equal(gotOwed, owed) {
		t.Errorf("shares %v, owed %v; want %v, owed %v", gotShares, gotOwed, shares, owed)
	}
	at := slices.IndexFunc(c.Groups, func(g keystore.Group) bool { return g.Name == "officers" })
	if c.Groups[at].Threshold != threshold {
		t.Errorf("threshold %d, want %d", c.Groups[at].Threshold, threshold)
	}
	return c.Groups[at].Split
}

var (
	noKEKs = []string(nil)
	all3   = []string{"test.1", "test.2", "test.3"}
)

func TestCreateAndRotateRootSplitForThoseWhoAnswer(t *testing.T) {
	for _, c := range []struct {
		name         string
		down         []int
		kms          bool // a KEK that opens alone
		shares, owed []string
		err          string
	}{
		{"all answer", nil, false, all3, noKEKs, ""},
		{"one is down", []int{1}, false, []string{"test.1", "test.3"}, []string{"test.2"}, ""},
		{"too many are down", []int{0, 1}, false, nil, nil, "no group would be sure to open it: officers with 0 of 2"},
		{"too many are down, beside a KMS", []int{0, 1}, true, noKEKs, all3, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			officers, kms := newCommittee(t, 2, 3), newEngine(t)
			keks := slices.Clone(officers.keks)
			if c.kms {
				keks = append(keks, kms.kek(t, "kms"))
			}
			whole := keystore.NewMemory()
			r, err := keyring.Create(t.Context(), whole, keks, officers.options)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			for _, i := range c.down {
				officers.engines[i].fail(wrappers.Later)
			}
			before := wantGroup(t, whole, 2, all3, noKEKs)
			made := keystore.NewMemory()
			created, createErr := keyring.Create(t.Context(), made, keks, officers.options)
			_, rotateErr := r.RotateRoot(t.Context())
			if c.err != "" {
				wantError(t, createErr, keyring.ErrNoKEK, c.err, "engine is later")
				wantError(t, rotateErr, keyring.ErrNoKEK, c.err, "engine is later")
				if wantGroup(t, whole, 2, all3, noKEKs) != before {
					t.Error("the refused new root changed the split")
				}
				return
			}
			if createErr != nil || rotateErr != nil {
				t.Fatal(createErr, rotateErr)
			}
			defer created.Close()
			wantGroup(t, made, 2, c.shares, c.owed)
			if wantGroup(t, whole, 2, c.shares, c.owed) == before {
				t.Error("the new root has the old split")
			}
			load(t, made, officers.options, keks...)
			// The debt is paid by splitting anew.
			for _, e := range officers.engines {
				e.fail(0)
			}
			report, err := r.Rewrap(t.Context(), keks...)
			if err != nil || report.Groups[0].Split != keyring.SplitFresh || len(report.Groups[0].Missing) != 0 {
				t.Errorf("%+v, %v", report, err)
			}
			wantGroup(t, whole, 2, all3, noKEKs)
		})
	}
}

// TestRewrapKeepsAWholeSplit: shares of two splits do not go together, so a member that is down keeps the others from a new one.
func TestRewrapKeepsAWholeSplit(t *testing.T) {
	officers, kms, store := newCommittee(t, 2, 3), newEngine(t), keystore.NewMemory()
	keks := append(slices.Clone(officers.keks), kms.kek(t, "kms"))
	r := officers.create(t, store, keks[3])
	msg := seal(t, r, "x")
	split := wantGroup(t, store, 2, all3, noKEKs)
	before := contents(t, store).Stanzas
	officers.engines[1].fail(wrappers.Ask)
	for range 2 {
		report, err := r.Rewrap(t.Context(), keks...)
		if err != nil {
			t.Fatal(err)
		}
		g := report.Groups[0]
		if g.Split != keyring.SplitKept || !slices.Equal(g.Missing, []string{"test.2"}) || g.Removed != nil || g.Shares != 3 || g.Threshold != 2 {
			t.Errorf("%+v", g)
		}
		if !slices.Equal(report.Wrapped, []string{"test.kms"}) || report.Owed["test.2"] == nil || len(report.Owed) != 1 || report.Dropped != nil {
			t.Errorf("%+v", report)
		}
		if wantGroup(t, store, 2, all3, []string{"test.2"}) != split {
			t.Error("another split")
		}
	}
	for _, s := range contents(t, store).Stanzas {
		if s.Group == "officers" && !slices.ContainsFunc(before, func(b keystore.Stanza) bool { return b.KEK == s.KEK && string(b.Wrapped) == string(s.Wrapped) }) {
			t.Errorf("%s has another stanza", s.KEK)
		}
	}
	officers.engines[1].fail(0)
	for _, down := range officers.engines { // any two of them open, also the one that is owed
		kms.fail(wrappers.Later)
		down.fail(wrappers.Later)
		mustOpen(t, load(t, store, officers.options, keks...), msg, "x")
		down.fail(0)
	}
	kms.fail(0)
	if _, err := r.Rewrap(t.Context(), keks...); err != nil || wantGroup(t, store, 2, all3, noKEKs) == split {
		t.Errorf("after all answered: %v, or the old split", err)
	}
}

// TestRewrapOfTheOnlyGroup: what was just opened with the kept shares proves them.
func TestRewrapOfTheOnlyGroup(t *testing.T) {
	officers, store := newCommittee(t, 2, 3), keystore.NewMemory()
	r := officers.create(t, store)
	officers.engines[0].fail(wrappers.Later)
	report, err := r.Rewrap(t.Context(), officers.keks...)
	if err != nil || report.Groups[0].Split != keyring.SplitKept {
		t.Fatalf("%+v, %v", report, err)
	}
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Error(err)
	}
	// One of the two that opened leaves: the other and one that is down would have to open it.
	_, err = r.Rewrap(t.Context(), officers.keks[0], officers.keks[1])
	wantError(t, err, keyring.ErrNoKEK, "no group would be sure to open it: officers with 1 of 2")
	wantGroup(t, store, 2, all3, []string{"test.1"})
}

// TestAnotherKeyOfTheSameName: the kept shares were just opened by KEKs that are gone, and those which have their names cannot.
func TestAnotherKeyOfTheSameName(t *testing.T) {
	officers, store := newCommittee(t, 2, 3), keystore.NewMemory()
	r := officers.create(t, store)
	split := wantGroup(t, store, 2, all3, noKEKs)
	officers.engines[2].fail(wrappers.Later)
	others := keks(newEngine(t).kek(t, "1", inGroup("officers")), newEngine(t).kek(t, "2", inGroup("officers")), officers.keks[2])
	_, err := r.Rewrap(t.Context(), others...)
	wantError(t, err, keyring.ErrNoKEK, "no group would be sure to open it: officers with 0 of 2")
	if wantGroup(t, store, 2, all3, noKEKs) != split {
		t.Error("another split")
	}
	officers.engines[2].fail(0) // so the root is split anew, for the keys that there are
	if _, err := r.Rewrap(t.Context(), others...); err != nil {
		t.Fatal(err)
	}
	load(t, store, officers.options, others[:2]...)
}

func TestMembersComeAndGo(t *testing.T) {
	for _, c := range []struct {
		name         string
		keep         []int // of the three
		down         []int
		joins        bool // a fourth one
		threshold    int
		split        keyring.Split
		shares, owed []string
		removed      []string
		dropped      []string
	}{
		{"one joins", []int{0, 1, 2}, nil, true, 2, keyring.SplitFresh, []string{"test.1", "test.2", "test.3", "test.4"}, noKEKs, nil, nil},
		{"one joins while another is down", []int{0, 1, 2}, []int{0}, true, 2, keyring.SplitKept, all3, []string{"test.1", "test.4"}, nil, nil},
		{"one leaves", []int{0, 1}, nil, false, 2, keyring.SplitFresh, []string{"test.1", "test.2"}, noKEKs, nil, []string{"test.3"}},
		{"one leaves while another is down", []int{0, 1}, []int{0}, false, 2, keyring.SplitKept, []string{"test.1", "test.2"}, []string{"test.1"}, []string{"test.3"}, []string{"test.3"}},
		{"two leave, one is down, one joins", []int{0}, []int{0}, true, 2, keyring.SplitNone, noKEKs, []string{"test.1", "test.4"}, nil, all3},
		{"a higher threshold", []int{0, 1, 2}, nil, false, 3, keyring.SplitFresh, all3, noKEKs, nil, nil},
		{"a higher threshold while one is down", []int{0, 1, 2}, []int{2}, false, 3, keyring.SplitKept, all3, []string{"test.3"}, nil, nil},
		{"each alone", []int{0, 1, 2}, nil, false, 1, "", all3, noKEKs, nil, nil},
		{"each alone while one is down", []int{0, 1, 2}, []int{1}, false, 1, "", []string{"test.1", "test.3"}, []string{"test.2"}, nil, []string{"test.2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			officers, kms, store := newCommittee(t, 2, 3), newEngine(t), keystore.NewMemory()
			msg := seal(t, officers.create(t, store, kms.kek(t, "kms")), "x")
			now := keks(kms.kek(t, "kms"))
			for _, i := range c.keep {
				now = append(now, officers.keks[i])
			}
			if c.joins {
				now = append(now, newEngine(t).kek(t, "4", inGroup("officers")))
			}
			for _, i := range c.down {
				officers.engines[i].fail(wrappers.Later)
			}
			officers.options.Groups["officers"] = c.threshold
			r := load(t, store, officers.options, append(slices.Clone(officers.keks), now[0])...)
			report, err := r.Rewrap(t.Context(), now...)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(report.Dropped, c.dropped) {
				t.Errorf("dropped %v, want %v", report.Dropped, c.dropped)
			}
			if c.threshold > 1 {
				if g := report.Groups[0]; g.Split != c.split || !slices.Equal(g.Removed, c.removed) || len(g.Missing) != len(c.down) {
					t.Errorf("%+v, want %s without %v", g, c.split, c.removed)
				}
			}
			threshold := c.threshold
			if c.split == keyring.SplitKept {
				threshold = 2
			}
			wantGroup(t, store, threshold, c.shares, c.owed)
			for _, e := range officers.engines {
				e.fail(0)
			}
			kms.fail(wrappers.Later)
			if c.split != keyring.SplitNone {
				mustOpen(t, load(t, store, officers.options, now...), msg, "x")
			}
		})
	}
}

// TestAKEKThatMovesIntoAGroup no longer opens alone, also if it is down.
func TestAKEKThatMovesIntoAGroup(t *testing.T) {
	officers, moves, kms, store := newCommittee(t, 2, 3), newEngine(t), newEngine(t), keystore.NewMemory()
	r := officers.create(t, store, kms.kek(t, "kms"), moves.kek(t, "moves"))
	moves.fail(wrappers.Later)
	report, err := r.Rewrap(t.Context(), append(slices.Clone(officers.keks), kms.kek(t, "kms"), moves.kek(t, "moves", inGroup("officers")))...)
	if err != nil || !slices.Equal(report.Dropped, []string{"test.moves"}) || report.Owed["test.moves"] == nil {
		t.Fatalf("%+v, %v", report, err)
	}
	wantGroup(t, store, 2, all3, []string{"test.moves"})
}

// TestAKEKThatMovesBetweenGroups of threshold 1 while it is down has no stanza in a group that is none of its own.
func TestAKEKThatMovesBetweenGroups(t *testing.T) {
	kms, moves, store, o := newEngine(t), newEngine(t), keystore.NewMemory(), home()
	o.Groups = map[string]int{"spare": 1}
	r, err := keyring.Create(t.Context(), store, keks(kms.kek(t, "kms"), moves.kek(t, "moves"), newEngine(t).kek(t, "stays", inGroup("spare"))), o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	moves.fail(wrappers.Later)
	report, err := r.Rewrap(t.Context(), kms.kek(t, "kms"), moves.kek(t, "moves", inGroup("spare")))
	if err != nil || !slices.Equal(report.Dropped, []string{"test.moves", "test.stays"}) || report.Owed["test.moves"] == nil {
		t.Fatalf("%+v, %v", report, err)
	}
	wantStanzas(t, store, []string{"test.kms"}, []string{"test.moves"})
}

// TestRecipientsInAGroup cannot be read back, so they do not count for whether a keystore opens for sure.
func TestRecipientsInAGroup(t *testing.T) {
	officers := newCommittee(t, 2, 3)
	for i := range 2 {
		officers.engines[i].wrapOnly = true
		officers.keks[i] = officers.engines[i].kek(t, officers.keks[i].ID()[5:], inGroup("officers"))
	}
	_, err := keyring.Create(t.Context(), keystore.NewMemory(), officers.keks, officers.options)
	wantError(t, err, keyring.ErrNoKEK, "no group would be sure to open it: officers with 1 of 2")
	kms, store := newEngine(t), keystore.NewMemory()
	r := officers.create(t, store, kms.kek(t, "kms"))
	wantGroup(t, store, 2, all3, noKEKs)
	report, err := r.Verify(t.Context())
	if err != nil || !report.OK() {
		t.Fatalf("%+v, %v", report, err)
	}
	for _, k := range report.KEKs[:3] {
		if !k.Unproven {
			t.Errorf("%s is proven, though one share goes with any root", k.KEK)
		}
	}
}

// TestRecoveryKeysDoNotCount: recipients whose recovery keys have just opened the keystore are recipients again at the next start.
func TestRecoveryKeysDoNotCount(t *testing.T) {
	officers, kms, store := newCommittee(t, 2, 3), newEngine(t), keystore.NewMemory()
	openers := slices.Clone(officers.keks[:2])
	for i, e := range officers.engines[:2] {
		e.wrapOnly = true
		officers.keks[i] = e.kek(t, officers.keks[i].ID()[5:], inGroup("officers"))
	}
	officers.create(t, store, kms.kek(t, "kms"))
	officers.engines[2].fail(wrappers.Later)
	r := load(t, store, officers.options, openers...)
	_, err := r.Rewrap(t.Context(), officers.keks...)
	wantError(t, err, keyring.ErrNoKEK, "no group would be sure to open it: officers with 0 of 2")
	if _, err := r.Rewrap(t.Context(), append(slices.Clone(officers.keks), kms.kek(t, "kms"))...); err != nil {
		t.Error(err)
	}
}

func TestGroupsThatCannotBeWrapped(t *testing.T) {
	officers, store := newCommittee(t, 2, 3), keystore.NewMemory()
	r := officers.create(t, store)
	calls := officers.engines[0].decrypts.Load()
	alone := newEngine(t).kek(t, "alone")
	for _, c := range []struct {
		name string
		keks []*wrappers.KEK
		text string
	}{
		{"nobody in it", keks(alone), `no KEK is of the group "officers"`},
		{"too few active", keks(alone, officers.keks[0], officers.engines[1].kek(t, "2", inGroup("officers"), inactive)), `the group "officers" needs 2 of its KEKs, and 1 are active`},
		{"another group", keks(alone, officers.keks[0], officers.keks[1], newEngine(t).kek(t, "x", inGroup("others"))), `test.x is of group "others"`},
	} {
		_, rewrapErr := r.Rewrap(t.Context(), c.keks...)
		_, createErr := keyring.Create(t.Context(), keystore.NewMemory(), c.keks, officers.options)
		for _, err := range []error{rewrapErr, createErr} {
			if err == nil || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%s: error %v does not say %q", c.name, err, c.text)
			}
		}
	}
	if officers.engines[0].decrypts.Load() != calls {
		t.Error("a KEK was called before the groups were checked")
	}
}

// TestMoreThanAKeystoreHolds: 255 is what the number of a share has room for.
func TestMoreThanAKeystoreHolds(t *testing.T) {
	for _, c := range []struct {
		members, groups int
		err             string
	}{
		{64, 1, ""},
		{65, 1, "65 KEKs are active, and a keystore has room for 64"},
		{256, 1, "256 KEKs are active"},
		{32, 16, ""},
		{34, 17, "17 groups have active KEKs, and a keystore has room for 16 groups"},
	} {
		e, o := newEngine(t), home()
		o.Groups = make(map[string]int)
		var keks []*wrappers.KEK
		for i := range c.members {
			group := fmt.Sprint("g-", i%c.groups)
			o.Groups[group] = 2
			keks = append(keks, e.kek(t, fmt.Sprint(i), inGroup(group)))
		}
		r, err := keyring.Create(t.Context(), keystore.NewMemory(), keks, o)
		if err == nil {
			r.Close()
		}
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%d KEKs in %d groups: error %v, want %q", c.members, c.groups, err, c.err)
		}
		if err != nil && e.encrypts.Load() > 0 {
			t.Errorf("%d KEKs in %d groups: a KEK was called", c.members, c.groups)
		}
	}
}

// TestWhateverIsDown: after any sequence of rewraps and new roots with any members down, none of which is refused without reason, the
// keystore has no group with shares of two splits and opens with all KEKs that have a stanza.
func TestWhateverIsDown(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(rt, "members")
		officers, kms, store := newCommittee(t, rapid.IntRange(2, n).Draw(rt, "threshold"), n), newEngine(t), keystore.NewMemory()
		keks := append(slices.Clone(officers.keks), kms.kek(t, "kms"))
		engines := append(slices.Clone(officers.engines), kms)
		r, err := keyring.Create(context.Background(), store, keks, officers.options)
		if err != nil {
			rt.Fatal(err)
		}
		defer r.Close()
		msg := seal(t, r, "x")
		for range rapid.IntRange(1, 4).Draw(rt, "steps") {
			for _, e := range engines {
				e.fail(rapid.SampledFrom([]wrappers.Class{0, 0, wrappers.Later, wrappers.Ask}).Draw(rt, "state"))
			}
			if rapid.Bool().Draw(rt, "new root") {
				_, err = r.RotateRoot(context.Background())
			} else {
				_, err = r.Rewrap(context.Background(), keks...)
			}
			for _, e := range engines {
				e.fail(0)
			}
			again, loadErr := keyring.Load(context.Background(), store, keks, officers.options) // the format refuses mixed splits
			if loadErr != nil {
				rt.Fatalf("after %v: %v", err, loadErr)
			}
			if got, openErr := again.Open(nil, msg, here); openErr != nil || string(got) != "x" {
				rt.Fatalf("Open = %q, %v", got, openErr)
			}
			report, verifyErr := again.Verify(context.Background())
			if verifyErr != nil || !report.OK() {
				rt.Fatalf("%+v, %v", report, verifyErr)
			}
			again.Close()
		}
	})
}

// TestRotateOfAGroup: a new key is made only if as many members as the group needs were seen to open the keystore.
func TestRotateOfAGroup(t *testing.T) {
	officers, kms, store := newCommittee(t, 2, 3), newEngine(t), keystore.NewMemory()
	officers.create(t, store, kms.kek(t, "kms"))
	retiring := append(slices.Clone(officers.keks), kms.kek(t, "kms", inactive))
	_, err := load(t, store, officers.options, retiring...).Rotate(t.Context())
	wantError(t, err, keyring.ErrNoKEK, "run 'keyring rewrap'")
	if _, err := load(t, store, officers.options, officers.keks...).Rotate(t.Context()); err != nil {
		t.Error(err)
	}
	one := append(keks(officers.engines[0].kek(t, "1", inGroup("officers"), inactive)), officers.keks[1:]...)
	officers.engines[2].fail(wrappers.Later)
	_, err = load(t, store, officers.options, one...).Rotate(t.Context())
	wantError(t, err, keyring.ErrNoKEK, "run 'keyring rewrap'")
}
