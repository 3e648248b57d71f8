package doctor

import (
	"errors"
	"testing"
)

func TestWithFlags(t *testing.T) {
	const flags = "--config /etc/sealwax/keyring.hcl"
	for next, want := range map[string]string{
		"":                       "",
		"keyring rewrap":         "keyring --config /etc/sealwax/keyring.hcl rewrap",
		"chmod 0600 keyring.key": "chmod 0600 keyring.key",
		"run 'keyring rewrap' or 'keyring rotate'": "run 'keyring --config /etc/sealwax/keyring.hcl rewrap' or 'keyring --config /etc/sealwax/keyring.hcl rotate'",
	} {
		if got := withFlags(next, flags); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := withFlags(next, ""); got != next {
			t.Errorf("without flags: got %q, want %q", got, next)
		}
	}
}

func TestNextStepsHaveTheFlags(t *testing.T) {
	f := newFake()
	f.encrypt = always(errors.New("no"))
	c := newCase(patient(t, "eu", f))
	c.Flags = "--config x.hcl"
	r := Examine(t.Context(), c)
	want(t, r.Findings, "problem fake.eu encrypt: does not wrap | no | 'keyring rewrap' and 'keyring rotate --new-root' leave it without a fresh stanza | "+
		"mend what the cause says, then run 'keyring --config x.hcl doctor' again")
	r = NewReport("x.hcl", c.Flags, errors.New("no such file"))
	want(t, r.Findings, "problem config file: cannot be used | no such file | every command refuses it | mend what the cause says, then run 'keyring --config x.hcl config check'")
}
