package config

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

// testPin is an identity and its spelling.
var testPin = ed25519.PublicKey("0123456789abcdefghijklmnopqrstuv")

const testPinText = "ed25519:MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="

// devConfig is a small config. What is behind it begins in line 16.
const devConfig = `cluster {
  id     = "dev"
  region = "global"
}

keystore {
  path     = "keystore.jsonl"
  identity = "` + testPinText + `"
}

keyring "aead" {
  name     = "local"
  key_file = "kek.key"
}
`

// write puts text into a file of the test's working directory and returns its name.
func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// wantError checks the whole text of an error.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want:\n%s", want)
	}
	if got := err.Error(); got != strings.TrimSpace(want) {
		t.Errorf("got error:\n%s\nwant:\n%s", got, strings.TrimSpace(want))
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "keyring.hcl"), `
# Comments, labels without quotes and heredocs are fine.
cluster {
  id     = "prod-1"
  region = "eu"
}
keystore {
  path     = "/srv/keystore.jsonl"
  identity = "`+testPinText+`"
  state    = "seen"
}
keyring transit {
  active   = "false"
  group    = "kms"
  key_name = <<-END
    sealwax
  END
  max_retries     = 3
  disable_renewal = true
  namespace       = "$${not evaluated}"
}
keyring "aead" { key_file = "kek.key" }
group "kms" { threshold = 1 }
group officers {
  threshold = 2
}
keyring "hpke" {
  name  = "a"
  group = "officers"
}
keyring "hpke" {
  name  = "b"
  group = "officers"
}
`)
	got, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	set := func(name string, value any, line int) wrappers.Setting {
		return wrappers.Setting{Name: name, Value: value, File: file, Line: line}
	}
	want := &Config{
		File: file, Cluster: "prod-1", Region: "eu",
		Keystore: Keystore{Path: "/srv/keystore.jsonl", Identity: testPin, State: filepath.Join(dir, "seen")},
		KEKs: []KEK{
			{Provider: "transit", Group: "kms", File: file, Line: 12, Settings: []wrappers.Setting{
				set("key_name", "sealwax\n", 15), set("max_retries", int64(3), 18), set("disable_renewal", true, 19),
				set("namespace", "${not evaluated}", 20),
			}},
			{Provider: "aead", Active: true, File: file, Line: 22, Settings: []wrappers.Setting{set("key_file", "kek.key", 22)}},
			{Provider: "hpke", Name: "a", Group: "officers", Active: true, File: file, Line: 27},
			{Provider: "hpke", Name: "b", Group: "officers", Active: true, File: file, Line: 31},
		},
		Groups: []Group{{"kms", 1, file, 23}, {"officers", 2, file, 24}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLoadDev(t *testing.T) {
	t.Chdir(t.TempDir())
	got, err := Load(write(t, "keyring.hcl", devConfig))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Keystore{Path: "keystore.jsonl", Identity: testPin}); !reflect.DeepEqual(got.Keystore, want) {
		t.Errorf("keystore: got %+v, want %+v", got.Keystore, want)
	}
	if id := got.KEKs[0].ID(); id != "aead.local" || !got.KEKs[0].Active {
		t.Errorf("got KEK %s, active %v; want aead.local, active", id, got.KEKs[0].Active)
	}
}

// TestLoadRefuses reads the whole text of the error for each kind of mistake.
func TestLoadRefuses(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"empty file", ``, `
keyring.hcl: the cluster block is missing
keyring.hcl: the keystore block is missing`},
		{"empty blocks", `cluster {}
keystore {}`, `
keyring.hcl:1: cluster: id is missing
keyring.hcl:1: cluster: region is missing (Nomad's own default is "global")
keyring.hcl:2: keystore: path is missing`},
		{"no KEK", `
cluster { 
  id = "a"
  region = "b"
}
keystore { path = "k" }`, `
keyring.hcl: no keyring block: nothing says which key-encryption key opens the keystore`},
		{"everything unknown, in order", devConfig + `
seal "awskms" {}
colour = "red"
keystore {
  path  = "k"
}
cluster "x" {}
`, `
keyring.hcl:16: unknown block "seal"
keyring.hcl:17: unknown attribute "colour" outside of a block
keyring.hcl:18: a second keystore block; the first is at keyring.hcl:6
keyring.hcl:21: cluster: takes no label, got "x"
keyring.hcl:21: a second cluster block; the first is at keyring.hcl:1`},
		{"unknown inside", `
cluster {
  id     = "a"
  region = "b"
  regoin = "c"
}
keystore {
  path = "k"
  lock = true
  cache {}
}
keyring "aead" { 
  group "officers" {
    threshold = 2
  }
}`, `
keyring.hcl:5: cluster: unknown attribute "regoin"
keyring.hcl:9: keystore: unknown attribute "lock"
keyring.hcl:10: unknown block "cache" inside of keystore
keyring.hcl:13: unknown block "group" inside of keyring "aead"`},
		{"values of other kinds", `
cluster {
  id     = upper("a")
  region = var.region
}
keystore {
  path     = "${path}/k"
  identity = 5
  state    = ""
}
keyring "aead" {
  name   = null
  active = "yes"
  group  = true
  port   = 1.5
  size   = 9223372036854775808
  list   = ["a"]
  sum    = 1 + 1
}`, `
keyring.hcl:3: cluster: id must be a plain string, whole number, true or false
keyring.hcl:4: cluster: region must be a plain string, whole number, true or false
keyring.hcl:7: keystore: path has ${…} in it: nothing is evaluated here; write $${ for the two characters
keyring.hcl:8: keystore: identity must be a string in quotes
keyring.hcl:9: keystore: state is empty
keyring.hcl:12: keyring "aead": name is null: leave it out instead
keyring.hcl:13: keyring "aead": active must be true or false
keyring.hcl:14: keyring "aead": group must be a string in quotes
keyring.hcl:15: keyring "aead": port must be a plain string, whole number, true or false
keyring.hcl:16: keyring "aead": size must be a plain string, whole number, true or false
keyring.hcl:17: keyring "aead": list must be a plain string, whole number, true or false
keyring.hcl:18: keyring "aead": sum must be a plain string, whole number, true or false`},
		{"names", `
cluster {
  id     = "prod.eu"
  region = "-eu"
}
keystore {
  path     = "k"
  identity = "ed25519:AAAA"
}
keyring "AEAD" {
  name = "my key"
}
keyring {}
keyring "transit" "primary" {}
keyring "transit" { group = "a-group-name-of-25-letters" }
`, `
keyring.hcl:3: cluster: id "prod.eu" is not one DNS label: 1 to 63 of a-z, 0-9 and -, not at either end
keyring.hcl:4: cluster: region "-eu" is not one DNS label: 1 to 63 of a-z, 0-9 and -, not at either end
keyring.hcl:8: keystore: identity "ed25519:AAAA" is no identity: ed25519: and 44 characters of base64
keyring.hcl:10: keyring: provider "AEAD" is not a name: 1 to 32 of a-z, 0-9 and -
keyring.hcl:11: keyring "AEAD": name "my key" is not a name: 1 to 64 of a-z, 0-9 and -
keyring.hcl:13: keyring: wants one label, the provider, as in keyring "aead"; got 0
keyring.hcl:14: keyring: wants one label, the provider, as in keyring "aead"; got 2
keyring.hcl:15: keyring "transit": group "a-group-name-of-25-letters" is not a name: 1 to 24 of a-z, 0-9 and -`},
		{"group blocks", devConfig + `
group {}
group "any" { threshold = 1 }
group "OFFICERS" { threshold = 0 }
group "a" "b" { threshold = 256 }
group "c" {
  threshold = "2"
  of        = 3
}
`, `
keyring.hcl:16: group: wants one label, its name, as in group "officers"; got 0
keyring.hcl:16: group: threshold is missing
keyring.hcl:17: group "any": that is the group of KEKs that name none; give it another name
keyring.hcl:18: group: "OFFICERS" is not a name: 1 to 24 of a-z, 0-9 and -
keyring.hcl:18: group "OFFICERS": threshold must be a whole number from 1 to 255
keyring.hcl:19: group: wants one label, its name, as in group "officers"; got 2
keyring.hcl:19: group "a": threshold must be a whole number from 1 to 255
keyring.hcl:21: group "c": threshold must be a whole number from 1 to 255
keyring.hcl:22: group "c": unknown attribute "of"`},
		{"groups and their members", devConfig + `
group "twice" { threshold = 1 }
group "twice" { threshold = 1 }
group "empty" { threshold = 2 }
group "large" { threshold = 2 }
group "leaving" { threshold = 2 }
keyring "hpke" {
  name  = "a"
  group = "large"
}
keyring "hpke" {
  name   = "b"
  active = false
  group  = "large"
}
keyring "hpke" {
  name   = "c"
  active = false
  group  = "leaving"
}
keyring "hpke" {
  name  = "d"
  group = "twice"
}
keyring "hpke" {
  name  = "e"
  group = "oficers"
}
keyring "hpke" {
  name  = "f"
  group = "any"
}
`, `
keyring.hcl:17: a second group "twice"; the first is at keyring.hcl:16
keyring.hcl:18: group "empty": no keyring block is in it: add group = "empty" to some, or leave it out
keyring.hcl:19: group "large": threshold is 2, and 1 of its KEKs are active: they could never open the keystore
keyring.hcl:39: keyring "hpke": there is no group "oficers": add a block group "oficers" { threshold = … }, or leave the group out
keyring.hcl:43: keyring "hpke": "any" is the group of KEKs that name none: leave the group out`},
		{"two with one ID", devConfig + `
keyring "aead" {
  name = "local"
}`, `
keyring.hcl:16: a second key-encryption key aead.local; the first is at keyring.hcl:11; give one of them another name`},
		{"an attribute twice", devConfig + `
keyring "transit" {
  address = "a"
  address = "b"
}`, `
keyring.hcl:18: attribute redefined: The argument "address" was already set at keyring.hcl:17,3-10. Each argument may be set only once.`},
		{"no HCL", devConfig + "}", `
keyring.hcl:15: argument or block definition required: An argument or block definition is required here.`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			_, err := Load(write(t, "keyring.hcl", c.text))
			wantError(t, err, c.want)
		})
	}
}

func TestLoadBoundsItself(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := Load(write(t, "large.hcl", strings.Repeat("#", MaxSize+1)))
	wantError(t, err, "config: large.hcl is larger than 64 KiB")

	_, err = Load(write(t, "many.hcl", strings.Repeat("a {}\n", 100)))
	if lines := strings.Split(err.Error(), "\n"); len(lines) != maxProblems+1 || lines[maxProblems] != "and 82 more" {
		t.Errorf("got %d lines, the last %q; want %d, and 82 more", len(lines), lines[len(lines)-1], maxProblems+1)
	}

	_, err = Load(write(t, "deep.hcl", "x = "+strings.Repeat("!", MaxSize-4)))
	wantError(t, err, `
deep.hcl:1: missing expression: Expected the start of an expression, but found the end of the file.
deep.hcl:1: unknown attribute "x" outside of a block`)
}
