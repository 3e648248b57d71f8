package config

import (
	"testing"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

func TestLoadHowKEKsAreAsked(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		text string
		want Unwrap
	}{
		{``, Unwrap{}},
		{`unwrap {}`, Unwrap{}},
		{`unwrap { order = "config" }`, Unwrap{}},
		{`unwrap { order = "fastest" }`, Unwrap{Order: wrappers.FastestFirst}},
		{`unwrap { hedge_delay = "500ms" }`, Unwrap{HedgeDelay: 500 * time.Millisecond}},
	} {
		got, err := Load(write(t, "keyring.hcl", devConfig+c.text))
		if err != nil {
			t.Fatal(err)
		}
		if got.Unwrap != c.want {
			t.Errorf("%s: got %+v, want %+v", c.text, got.Unwrap, c.want)
		}
	}
	got, err := Load(write(t, "keyring.hcl", devConfig+`
keyring "transit" {
  timeout          = "2.5s"
  calls_per_minute = 60
}`))
	if err != nil {
		t.Fatal(err)
	}
	if k := got.KEKs[1]; k.Timeout != 2500*time.Millisecond || k.CallsPerMinute != 60 || len(k.Settings) != 0 {
		t.Errorf("got %+v", k)
	}
	if k := got.KEKs[0]; k.Timeout != 0 || k.CallsPerMinute != 0 {
		t.Errorf("got %+v", k)
	}
}

func TestLoadRefusesHowKEKsAreAsked(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := Load(write(t, "keyring.hcl", devConfig+`
unwrap {
  order       = "slowest"
  hedge_delay = "2m"
  wait_for    = "all"
}
unwrap "twice" {}
keyring "transit" {
  timeout          = 5
  calls_per_minute = 0
}
keyring "aead" {
  timeout          = "soon"
  calls_per_minute = "60"
}
`))
	wantError(t, err, `
keyring.hcl:17: unwrap: order "slowest" is not one of config and fastest
keyring.hcl:18: unwrap: hedge_delay "2m" is not a duration from 1ms to 1m0s, such as "1.5s" or "720h"
keyring.hcl:19: unwrap: unknown attribute "wait_for"
keyring.hcl:21: unwrap: takes no label, got "twice"
keyring.hcl:21: a second unwrap block; the first is at keyring.hcl:16
keyring.hcl:23: keyring "transit": timeout must be a string in quotes
keyring.hcl:24: keyring "transit": calls_per_minute must be a whole number from 1 to 100000
keyring.hcl:27: keyring "aead": timeout "soon" is not a duration from 100ms to 10m0s, such as "1.5s" or "720h"
keyring.hcl:28: keyring "aead": calls_per_minute must be a whole number from 1 to 100000`)
}
