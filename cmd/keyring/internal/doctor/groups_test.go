package doctor

import (
	"testing"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// officers returns an examination of "one KMS, or two of three officers".
func officers(t *testing.T) (c *Case, kms, ann, bob, cy *fake) {
	t.Helper()
	kms, ann, bob, cy = newFake(), newFake(), newFake(), newFake()
	return officersOf(t, kms, ann, bob, cy), kms, ann, bob, cy
}

func officersOf(t *testing.T, kms, ann, bob, cy *fake) *Case {
	t.Helper()
	officer := func(name string, f *fake) Patient {
		return inGroup(t, wrappers.Options{Name: name, Group: "officers"}, f)
	}
	return stored(t, nil, patient(t, "kms", kms), officer("ann", ann), officer("bob", bob), officer("cy", cy))
}

func TestGroups(t *testing.T) {
	for _, c := range []struct {
		name    string
		disturb func(c *Case, kms, ann, bob, cy *fake)
		want    []string
	}{
		{"all well", func(*Case, *fake, *fake, *fake, *fake) {}, []string{
			"ok fake.ann stanza: gives its share, in ", "ok keystore group: officers: 3 of 3 shares opened, and 2 are needed",
			"ok keystore opens: by fake.kms; or by 2 of fake.ann, fake.bob, fake.cy", "ok fake.kms loss: the keystore would still open"}},
		{"an officer away", func(_ *Case, _, ann, _, _ *fake) { ann.decrypt = always(errDenied) }, []string{
			"note keystore group: officers: 2 of 3 shares opened, and 2 are needed", "ok fake.kms loss: ", "ok fake.bob loss: "}},
		{"two officers away", func(_ *Case, _, ann, bob, _ *fake) { ann.decrypt, bob.decrypt = always(errDenied), always(errDenied) }, []string{
			"note fake.cy stanza: unwraps to a share, which is unproven | too few of the others in its group did", "ok fake.cy decrypt: allowed",
			"warning keystore group: officers: 0 of 3 shares opened, and 2 are needed", "warning fake.kms loss: without it, nothing opens the keystore"}},
		{"the KMS away", func(_ *Case, kms, _, _, _ *fake) { kms.decrypt = always(errDenied) }, []string{
			"ok keystore opens: by 2 of fake.ann, fake.bob, fake.cy", "ok fake.ann loss: the keystore would still open"}},
		{"another threshold", func(c *Case, _, _, _, _ *fake) { c.Groups = map[string]int{"officers": 3} }, []string{
			"warning keystore group: officers needs 2 of its KEKs, and 3 by the config"}},
		{"another group", func(c *Case, _, _, _, _ *fake) { c.Keystore.Contents.Stanzas[0].Group = "officers" }, []string{
			"warning fake.kms group: the stanza is of the group officers, and the config says any"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, kms, ann, bob, cy := officers(t)
			c.disturb(e, kms, ann, bob, cy)
			r := Examine(t.Context(), e)
			for _, w := range c.want {
				want(t, r.Findings, w)
			}
		})
	}
}

// A change is refused if no group of it would be satisfied, and warned of if one KEK would be all.
func TestChangedGroups(t *testing.T) {
	e, kms, ann, bob, _ := officers(t)
	e.Change = true
	r := Examine(t.Context(), e)
	want(t, r.Findings, "ok change rewrap: would leave these ways in: fake.kms; or 2 of fake.ann, fake.bob, fake.cy")
	wantNone(t, r.Findings, "change", "loss")

	ann.encrypt, bob.encrypt = always(errDenied), always(errDenied)
	r = Examine(t.Context(), e)
	want(t, r.Findings, "ok change rewrap: would leave these ways in: fake.kms")
	want(t, r.Findings, "warning change loss: fake.kms: without it, nothing opens the keystore | no other active KEK, alone or in its group, has just wrapped and given back")
	wantNone(t, r.Findings, "fake.kms", "loss")

	kms.encrypt = always(errDenied)
	want(t, Examine(t.Context(), e).Findings, "problem change rewrap: would be refused: no active KEK, and no group of them, has wrapped and given back")
}

// Officers with recovery keys, or who type a passphrase, are not there when the examination runs: no cause for alarm.
func TestOfficersWhoAreNotThere(t *testing.T) {
	offline := func() *fake { f := newFake(); f.wrapOnly = true; return f }
	person := func() *fake { f := newFake(); f.person = true; return f }
	r := Examine(t.Context(), officersOf(t, newFake(), newFake(), offline(), offline()))
	want(t, r.Findings, "note keystore group: officers: 0 of 3 shares opened, and 2 are needed | the others are recovery keys, which only a person has: fake.bob, fake.cy | "+
		"this group opens the keystore with 'keyring recover' alone | keyring recover --check --recovery-key FILE")
	want(t, r.Findings, "note fake.ann stanza: unwraps to a share, which is unproven | too few of the others in its group did | "+
		"whether it is the right one is not known | see what is found of the group, below")

	c := officersOf(t, newFake(), person(), person(), offline())
	want(t, Examine(t.Context(), c).Findings, "note keystore group: officers: 0 of 3 shares opened, and 2 are needed | the others wait for a person: fake.ann, fake.bob, fake.cy | "+
		"this group opens the keystore when somebody is at a terminal | keyring doctor --ask")
	c.Change = true
	want(t, Examine(t.Context(), c).Findings, "note keystore group: | keyring config check --live --ask")
}

// A new KEK is no help where the old one is lost: rewrap would fail, and the recovery key is what to fetch.
func TestNewKEKWhereNothingOpens(t *testing.T) {
	lost, safe := newFake(), newFake()
	safe.wrapOnly = true
	c := stored(t, nil, patient(t, "old", lost), patient(t, "safe", safe))
	c.KEKs = append([]Patient{patient(t, "new", newFake())}, c.KEKs[1])
	r := Examine(t.Context(), c)
	want(t, r.Findings, "warning fake.new stanza: none | the KEK came into the config after the root was wrapped | it cannot open the keystore | keyring rewrap, once another KEK opens the keystore")
	if want := "keystore opens: mend one of the KEKs, or add one to the config and run 'keyring recover --recovery-key FILE' with the recovery key of fake.safe"; r.First != want {
		t.Errorf("first: %s\nwant:  %s", r.First, want)
	}
}

// Where the keystore does not open there is nothing to say of what rewrap would leave, and the block to keep is named.
func TestChangeThatDoesNotOpen(t *testing.T) {
	f := newFake()
	c := stored(t, nil, patient(t, "eu", f))
	f.decrypt, c.Change = always(errDenied), true
	c.KEKs = append(c.KEKs, patient(t, "new", newFake()))
	r := Examine(t.Context(), c)
	want(t, r.Findings, "problem keystore opens: | mend one of them, or keep the block of a KEK that opens it until 'keyring rewrap' has run")
	wantNone(t, r.Findings, "change", "rewrap")
	c.Keystore.Contents, c.Keystore.Err = nil, keystore.ErrRolledBack
	wantNone(t, Examine(t.Context(), c).Findings, "change", "rewrap")
}

func TestChangeThatAPersonHasToProve(t *testing.T) {
	f := newFake()
	f.person = true
	c := stored(t, nil, patient(t, "eu", f))
	c.Change = true
	r := Examine(t.Context(), c)
	want(t, r.Findings, "problem change rewrap: not known: a person has to be asked |  | the change is not proven | keyring config check --live --ask")
	want(t, r.Findings, "problem keystore opens: not by itself: a person has to be asked |  | a start waits for somebody at a terminal | keyring config check --live --ask")
	want(t, r.Findings, "note fake.eu person: | keyring config check --live --ask")
	if !r.Unavailable() {
		t.Error("that is found wrong")
	}
	c.KEKs = append(c.KEKs, patient(t, "new", newFake())) // which wraps, and opens nothing yet
	r = Examine(t.Context(), c)
	want(t, r.Findings, "ok change rewrap: would leave these ways in: fake.new")
	if r.OK {
		t.Error("nobody has opened the keystore, and the change is good")
	}
	c.Ask = true
	if r = Examine(t.Context(), c); !r.OK {
		t.Errorf("asked: %d problems", r.Counts.Problems)
	}
}

func TestGroupOfAKeystoreWithoutMembers(t *testing.T) {
	c := &keystore.Contents{Groups: []keystore.Group{{Name: "any", Threshold: 1}}}
	if w := waysOf(c, nil); w.open("") || len(w.recipients()) != 0 {
		t.Error("an empty group opens something")
	}
}
