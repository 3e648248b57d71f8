package doctor

import (
	"slices"
	"strings"
	"testing"
)

// what if this one were lost, in groups of every kind.
func TestLoss(t *testing.T) {
	kms := group{name: "default", threshold: 1, size: 1, opened: []string{"kms"}}
	two := group{name: "default", threshold: 1, size: 2, opened: []string{"kms", "disk"}}
	safe := group{name: "default", threshold: 1, size: 2, opened: []string{"kms"}, recovery: []string{"safe"}}
	three := group{name: "officers", threshold: 2, size: 3, opened: []string{"ann", "bob", "cy"}}
	exact := group{name: "officers", threshold: 2, size: 3, opened: []string{"ann", "bob"}}
	half := group{name: "officers", threshold: 2, size: 3, opened: []string{"ann"}, recovery: []string{"safe"}}
	none := group{name: "default", threshold: 1, size: 1}
	for _, c := range []struct {
		name   string
		groups []group
		lost   string
		want   string
		by     string // who opens it with all
	}{
		{"only one", []group{kms}, "kms", "warning kms loss: without it, nothing opens the keystore | no other KEK, alone or in its group, has just opened the keystore | all data is lost with it |", "kms"},
		{"one of two", []group{two}, "kms", "ok kms loss: the keystore would still open", "kms; or by disk"},
		{"one and a recovery key", []group{safe}, "kms", "warning kms loss: without it, only the recovery key opens the keystore; last proven: unknown", "kms"},
		{"KMS or officers: the KMS", []group{kms, three}, "kms", "ok kms loss", "kms; or by 2 of ann, bob, cy"},
		{"KMS or officers: an officer", []group{kms, three}, "ann", "ok ann loss", "kms; or by 2 of ann, bob, cy"},
		{"officers: one of three", []group{three}, "bob", "ok bob loss", "2 of ann, bob, cy"},
		{"officers: one of just enough", []group{exact}, "bob", "warning bob loss: without it, nothing opens the keystore", "2 of ann, bob"},
		{"officers: KMS, with one officer and the safe", []group{kms, half}, "kms", "warning kms loss: without it, only the recovery key", "kms"},
		{"officers not enough without the KMS", []group{kms, {name: "officers", threshold: 2, size: 3, opened: []string{"ann"}}}, "kms", "warning kms loss: nothing opens", "kms"},
		{"KMS down: an officer of just enough", []group{none, exact}, "ann", "warning ann loss: nothing opens", "2 of ann, bob"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &ways{groups: c.groups}
			want(t, []Finding{w.without(c.lost)}, c.want)
			if by := strings.Join(w.enough(), "; or by "); by != c.by {
				t.Errorf("opened by %s, want %s", by, c.by)
			}
		})
	}
}

func TestLossWithAPersonNotAsked(t *testing.T) {
	w := &ways{groups: []group{{name: "default", threshold: 1, size: 2, opened: []string{"kms"}}}, unasked: true}
	want(t, []Finding{w.without("kms")}, "note kms loss: without it, only a person opens the keystore | no other KEK, alone or in its group, has just opened the keystore | a start waits")
}

func TestShares(t *testing.T) {
	for _, c := range []struct {
		opened []string
		want   []string
	}{
		{[]string{"ann", "bob", "cy"}, []string{"ok keystore group: officers: 3 of 3 shares opened, and 2 are needed", "ok keystore opens: by 2 of ann, bob, cy"}},
		{[]string{"ann", "cy"}, []string{"note keystore group: officers: 2 of 3 shares opened, and 2 are needed |  | none of them may fail", "ok keystore opens: by 2 of ann, cy"}},
		{[]string{"ann"}, []string{"warning keystore group: officers: 1 of 3 shares opened, and 2 are needed | the other members failed or were not asked, see there | this group does not open the keystore",
			"problem keystore opens: not with the KEKs of this config"}},
	} {
		ch := &chart{subject: "keystore"}
		w := &ways{groups: []group{{name: "officers", threshold: 2, size: 3, opened: c.opened}}}
		w.describe(ch, false)
		for _, wanted := range c.want {
			want(t, ch.findings, wanted)
		}
		if opens := len(c.opened) >= 2; w.open("") != opens {
			t.Errorf("open with %v: %v", c.opened, !opens)
		}
	}
}

func TestNothingOpens(t *testing.T) {
	for _, c := range []struct {
		ways        ways
		want        string
		unavailable bool
	}{
		{ways{unavailable: true}, "problem keystore opens: not with the KEKs of this config | each of them failed or has no stanza, see there | no start succeeds; services that are running go on | mend one of the KEKs", true},
		{ways{}, "problem keystore opens: not with", false},
		{ways{unasked: true}, "note keystore opens: not by itself: a person has to be asked", false},
		{ways{groups: []group{{threshold: 1, recovery: []string{"hpke.safe"}}}}, "problem keystore opens: mend one of the KEKs, or add one to the config and run 'keyring recover --recovery-key FILE' with the recovery key of hpke.safe", false},
		{ways{groups: []group{{threshold: 2, recovery: []string{"hpke.safe"}}}}, "problem keystore opens: services that are running go on | mend one of the KEKs", false},
		{ways{groups: []group{{threshold: 3, given: []string{"ann"}, recovery: []string{"bob", "cy", "di"}}}},
			"problem keystore opens: run 'keyring recover --recovery-key FILE --recovery-key FILE' with 2 of the recovery keys of bob, cy, di", false},
	} {
		ch := &chart{subject: "keystore"}
		c.ways.describe(ch, false)
		want(t, ch.findings, c.want)
		if got := slices.ContainsFunc(ch.findings, func(f Finding) bool { return f.unavailable }); got != c.unavailable {
			t.Errorf("unavailable: %v, want %v", got, c.unavailable)
		}
	}
}
