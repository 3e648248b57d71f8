package config

import (
	"os"
	"testing"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	const hint = "; `keyring init --dev DIR` makes a first one, with a keystore"

	_, err = Find("", "")
	wantError(t, err, "config: no config file: --config and KEYRING_CONFIG are not set, and there is no keyring.hcl here ("+
		here+")"+hint)
	_, err = Find("", "env.hcl")
	wantError(t, err, "config: no config file: KEYRING_CONFIG names env.hcl, which does not exist"+hint)
	_, err = Find("flag.hcl", "env.hcl")
	wantError(t, err, "config: no config file: --config names flag.hcl, which does not exist"+hint)

	for _, name := range []string{"flag.hcl", "env.hcl", "keyring.hcl"} {
		write(t, name, "")
	}
	for _, c := range []struct{ flag, env, want string }{
		{"", "", "keyring.hcl"},
		{"", "env.hcl", "env.hcl"},
		{"flag.hcl", "env.hcl", "flag.hcl"},
	} {
		if got, err := Find(c.flag, c.env); got != c.want || err != nil {
			t.Errorf("Find(%q, %q): got %q, %v, want %q", c.flag, c.env, got, err, c.want)
		}
	}
}
