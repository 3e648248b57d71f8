package doctor

import (
	"testing"
	"testing/synctest"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func TestStanza(t *testing.T) {
	owe := func(_ *Case, k *keystore.Contents) {
		k.Owed = []keystore.Owed{{KEK: "fake.eu", Provider: "fake", Group: "default"}}
	}
	drop := func(_ *Case, k *keystore.Contents) { k.Stanzas = k.Stanzas[1:] }
	for _, c := range []struct {
		name   string
		change func(*Case, *keystore.Contents)
		want   string
	}{
		{"opens", nil, "ok fake.eu stanza: opens the keystore, in "},
		{"none", drop, "problem fake.eu stanza: none | the KEK came into the config after the root was wrapped | it cannot open the keystore | keyring rewrap"},
		{"none, and owed", func(c *Case, k *keystore.Contents) { drop(c, k); owe(c, k) }, "warning fake.eu stanza: none, and it is owed one | the KEK did not answer"},
		{"owed a fresh one", owe, "warning fake.eu owed: a fresh stanza is owed"},
		{"none yet", func(c *Case, k *keystore.Contents) { drop(c, k); c.Change = true }, "note fake.eu stanza: none yet"},
		{"older version", func(_ *Case, k *keystore.Contents) { k.Stanzas[0].KeyVersion = "0" },
			"note fake.eu version: made under version 0, and the newest is 1 | the key was rotated at its provider | the old version must stay usable there | keyring rewrap"},
		{"of nobody", func(c *Case, _ *keystore.Contents) { c.KEKs = c.KEKs[1:] }, "warning fake.eu stanza: there, but the KEK is not configured"},
		{"to be dropped", func(c *Case, _ *keystore.Contents) { c.KEKs, c.Change = c.KEKs[1:], true },
			"note fake.eu stanza: there, but the KEK is not configured | its block was taken out of the config | 'keyring rewrap' drops it | keyring rewrap"},
		{"inactive, and none", func(c *Case, k *keystore.Contents) {
			drop(c, k)
			c.KEKs[0] = inGroup(t, wrappers.Options{Name: "eu", Inactive: true}, newFake())
		}, "note fake.eu stanza: none, and the KEK is inactive |  | the block has no use | take it out of the config"},
		{"recovery recipient", func(c *Case, _ *keystore.Contents) {
			f := newFake()
			f.wrapOnly = true
			c.KEKs[0] = patient(t, "eu", f)
		}, "note fake.eu stanza: there, and unproven; last proven: unknown |  | only a recovery key shows that it opens | keyring recover --recovery-key FILE --check"},
		{"loss", nil, "ok fake.eu loss: the keystore would still open"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Examine(t.Context(), stored(t, c.change, patient(t, "eu", newFake()), patient(t, "us", newFake())))
			want(t, r.Findings, c.want)
		})
	}
}

// A process that only reads needs no more than decrypt. To wrap the keystore anew, encrypt is needed.
func TestReaderMayNotWrap(t *testing.T) {
	f := newFake()
	c := stored(t, nil, patient(t, "eu", f), patient(t, "us", newFake()))
	f.encrypt = always(errDenied)
	r := Examine(t.Context(), c)
	want(t, r.Findings, "warning fake.eu encrypt: does not wrap | permission denied | 'keyring rewrap' and 'keyring rotate --new-root' leave it without a fresh stanza; a process that only opens the keystore needs no more | grant it")
	want(t, r.Findings, "ok fake.eu decrypt: allowed")
	if !r.OK {
		t.Error("it is not OK")
	}
	c.Change = true
	r = Examine(t.Context(), c)
	want(t, r.Findings, "problem fake.eu encrypt: does not wrap")
	want(t, r.Findings, "ok change rewrap: would leave these ways in: fake.us")
}

func TestRewrapWouldLeaveNoWayIn(t *testing.T) {
	f := newFake()
	c := stored(t, nil, patient(t, "eu", f))
	c.Change, f.encrypt = true, always(errDenied)
	r := Examine(t.Context(), c)
	want(t, r.Findings, "problem change rewrap: would be refused: no active KEK, and no group of them, has wrapped and given back | recovery recipients and inactive KEKs do not count | the keystore keeps its stanzas | mend an active KEK, or add one")
}

// Wrong beats unavailable, and the cause of all is what to do first.
func TestWhatToDoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		c := stored(t, nil, patient(t, "eu", f))
		f.encrypt, f.decrypt = always(errSealed), always(errSealed)
		r := Examine(t.Context(), c)
		if r.OK || !r.Unavailable() || r.First != "fake.eu encrypt: unseal the Vault" {
			t.Errorf("OK %v, unavailable %v, first %q", r.OK, r.Unavailable(), r.First)
		}
		c.Keystore.Contents.Keys[0].State = keystore.Retired
		if r = Examine(t.Context(), c); r.Unavailable() || r.First != "keystore active-key: keyring rotate" {
			t.Errorf("unavailable %v, first %q", r.Unavailable(), r.First)
		}
	})
}
