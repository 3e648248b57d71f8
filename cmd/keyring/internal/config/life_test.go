package config

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
)

// lifeConfig is the blocks about the life of keys.
const lifeConfig = `
rotation {
  period     = "720h"
  prepublish = "24h"
  messages   = 1000000
  bytes      = 4503599627370496
}

signing {
  algorithms     = ["EdDSA", "RS256"]
  rsa_bits       = 3072
  issuer         = "https://id.example.com/keys"
  token_lifetime = "12h"
}

source "app" {
  type = "dir"
  path = "sealed"
}

source "backup" {
  type      = "jsonl"
  path      = "/backup/app.jsonl"
  read_only = true
}
`

func TestLoadLife(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "keyring.hcl"), devConfig+lifeConfig)
	got, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := (keyring.Rotation{Period: 720 * time.Hour, Prepublish: 24 * time.Hour, Messages: 1_000_000, Bytes: 1 << 52}); got.Rotation != want {
		t.Errorf("rotation: got %+v, want %+v", got.Rotation, want)
	}
	signing := Signing{
		Signing: keyring.Signing{Algorithms: []string{"EdDSA", "RS256"}, RSABits: 3072},
		Issuer:  "https://id.example.com/keys", TokenLifetime: 12 * time.Hour,
	}
	if !reflect.DeepEqual(got.Signing, signing) {
		t.Errorf("signing: got %+v, want %+v", got.Signing, signing)
	}
	sources := []Source{
		{"app", "dir", filepath.Join(dir, "sealed"), false, file, 30},
		{"backup", "jsonl", "/backup/app.jsonl", true, file, 35},
	}
	if !reflect.DeepEqual(got.Sources, sources) {
		t.Errorf("sources: got %+v, want %+v", got.Sources, sources)
	}
}

func TestLoadKeystoreTimes(t *testing.T) {
	t.Chdir(t.TempDir())
	got, err := Load(write(t, "keyring.hcl", `
cluster {
  id     = "a"
  region = "b"
}
keystore {
  path       = "k"
  lease      = "5m"
  clock_skew = "1.5s"
  readers    = 3
}
keyring "aead" {}
rotation {
  period     = "1h"
  prepublish = "0s"
}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Keystore{Path: "k", Lease: 5 * time.Minute, ClockSkew: 1500 * time.Millisecond, Readers: 3}); !reflect.DeepEqual(got.Keystore, want) {
		t.Errorf("keystore: got %+v, want %+v", got.Keystore, want)
	}
	if got.Rotation.Prepublish >= 0 {
		t.Errorf("prepublish of 0s is %v: that would be the default instead of none", got.Rotation.Prepublish)
	}
}

// TestLoadRefusesLife reads the whole text of the error for each kind of mistake. The blocks begin in line 16.
func TestLoadRefusesLife(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"rotation", `
rotation {
  period     = "999ms"
  prepublish = "1"
  messages   = 0
  bytes      = "1GB"
  after      = "1h"
}
rotation "weekly" {}`, `
keyring.hcl:17: rotation: period "999ms" is not a duration from 1s to 87600h0m0s, such as "1.5s" or "720h"
keyring.hcl:18: rotation: prepublish "1" is not a duration from 0s to 87600h0m0s, such as "1.5s" or "720h"
keyring.hcl:19: rotation: messages must be a whole number from 1 to 35184372088832
keyring.hcl:20: rotation: bytes must be a whole number from 1 to 4503599627370496
keyring.hcl:21: rotation: unknown attribute "after"
keyring.hcl:23: rotation: takes no label, got "weekly"
keyring.hcl:23: a second rotation block; the first is at keyring.hcl:16`},
		{"prepublish as long as the period", `
rotation {
  period     = "1h"
  prepublish = "60m"
}`, `keyring.hcl:18: rotation: prepublish is 1h0m0s, and the period 1h0m0s: it must be shorter`},
		{"prepublish without a period", `
rotation { prepublish = "1h" }`, `keyring.hcl:16: rotation: prepublish is without a period: it says how long before its end the next key is known`},
		{"signing", `
signing {}
signing {}`, `
keyring.hcl:16: signing: algorithms is missing
keyring.hcl:17: a second signing block; the first is at keyring.hcl:16`},
		{"values of signing", `
signing {
  algorithms     = ["EdDSA", "HS256"]
  rsa_bits       = 4096
  issuer         = "id.example.com"
  token_lifetime = "0s"
  audience       = []
}`, `
keyring.hcl:17: signing: algorithms "HS256" is not one of EdDSA, ES256 and RS256
keyring.hcl:18: signing: rsa_bits must be a whole number from 2048 to 3072
keyring.hcl:19: signing: issuer "id.example.com" does not begin with https:// and a host
keyring.hcl:20: signing: token_lifetime "0s" is not a duration from 1s to 8760h0m0s, such as "1.5s" or "720h"
keyring.hcl:21: signing: unknown attribute "audience"`},
		{"an algorithm twice", `
signing { algorithms = ["ES256", "ES256"] }`, `keyring.hcl:16: signing: algorithms has "ES256" twice`},
		{"no algorithm", `
signing { algorithms = [] }`, `keyring.hcl:16: signing: algorithms must be a list of strings, such as ["a", "b"]`},
		{"algorithms without a list", `
signing { algorithms = "EdDSA" }`, `keyring.hcl:16: signing: algorithms must be a list of strings, such as ["a", "b"]`},
		{"a list of something else", `
signing { algorithms = ["EdDSA", 256] }`, `keyring.hcl:16: signing: algorithms must have nothing but strings in its list`},
		{"a list with something to evaluate", `
signing { algorithms = ["E${a}"] }`, `keyring.hcl:16: signing: algorithms has ${…} in it: nothing is evaluated here; write $${ for the two characters`},
		{"RSA of a size between", `
signing {
  algorithms = ["RS256"]
  rsa_bits   = 2500
}`, `keyring.hcl:18: signing: rsa_bits must be 2048 or 3072`},
		{"RSA without RSA", `
signing {
  algorithms = ["EdDSA"]
  rsa_bits   = 2048
}`, `keyring.hcl:18: signing: rsa_bits is for RS256, which is not among the algorithms`},
		{"issuer with more than a URL", `
signing {
  algorithms = ["EdDSA"]
  issuer     = "https://id.example.com/?a=b"
}`, `keyring.hcl:18: signing: issuer "https://id.example.com/?a=b" has a user, a query or a fragment, and must be a plain URL`},
		{"issuer that is no URL", `
signing {
  algorithms = ["EdDSA"]
  issuer     = "https://[::1"
}`, `keyring.hcl:18: signing: issuer "https://[::1" is not a URL`},
		{"sources", `
source {}
source "dir:app" {
  type = "folder"
  path = ""
}
source "a" {
  type      = "dir"
  path      = "p"
  read_only = "maybe"
  cursor    = 1
}
source "a" {
  type = "jsonl"
  path = "q"
}`, `
keyring.hcl:16: source: type is missing
keyring.hcl:16: source: path is missing
keyring.hcl:16: source: wants one label, its name, as in source "app"; got 0
keyring.hcl:17: source: "dir:app" is not a name: 1 to 24 of a-z, 0-9 and -
keyring.hcl:18: source "dir:app": type "folder" is not one of dir and jsonl
keyring.hcl:19: source "dir:app": path is empty
keyring.hcl:24: source "a": read_only must be true or false
keyring.hcl:25: source "a": unknown attribute "cursor"
keyring.hcl:27: a second source "a"; the first is at keyring.hcl:21`},
		{"a list for a provider", `
keyring "transit" { key_names = ["a"] }`, `keyring.hcl:16: keyring "transit": key_names must be a plain string, whole number, true or false`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			_, err := Load(write(t, "keyring.hcl", devConfig+c.text))
			wantError(t, err, c.want)
		})
	}
}

func TestLoadRefusesKeystoreTimes(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := Load(write(t, "keyring.hcl", `cluster {
  id     = "a"
  region = "b"
}
keystore {
  path       = "k"
  lease      = "1500ms"
  clock_skew = "2h"
  readers    = 0
}
keyring "aead" {}`))
	wantError(t, err, `
keyring.hcl:7: keystore: lease must be whole seconds
keyring.hcl:8: keystore: clock_skew "2h" is not a duration from 1s to 1h0m0s, such as "1.5s" or "720h"
keyring.hcl:9: keystore: readers must be a whole number from 1 to 1000`)
	_, err = Load(write(t, "keyring.hcl", `cluster {
  id     = "a"
  region = "b"
}
keystore {
  path  = "k"
  lease = "8785h"
}
keyring "aead" {}`))
	wantError(t, err, `keyring.hcl:7: keystore: lease "8785h" is not a duration from 1s to 8784h0m0s, such as "1.5s" or "720h"`)
}
