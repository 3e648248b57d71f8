package config

import (
	"reflect"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

// bare is a keyring.hcl that leaves region and KEKs to a Nomad agent config.
const bare = `
cluster { id = "prod" }
keystore { path = "k" }
`

// loadNomad loads bare together with Nomad agent configs a.hcl, b.hcl, …
func loadNomad(t *testing.T, texts ...string) (*Config, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	var files []string
	for i, text := range texts {
		files = append(files, write(t, string(rune('a'+i))+".hcl", text))
	}
	return Load(write(t, "keyring.hcl", bare), files...)
}

func TestNomad(t *testing.T) {
	set := func(name string, value any, file string, line int) wrappers.Setting {
		return wrappers.Setting{Name: name, Value: value, File: file, Line: line}
	}
	cases := []struct {
		name   string
		files  []string
		region string
		keks   []KEK
	}{
		{"the usual", []string{`
region = "eu" datacenter = "dc1"
server { enabled = true bootstrap_expect = 3 }
client { options { "driver.raw_exec.enable" = "1" a = "1" a = "2" } }
keyring "transit" {
  active = true name = "primary" # a comment
  address = "https://vault:8200" disable_renewal = "true"
  max_retries = 2
  tls_skip_verify = false
}
keyring "awskms" { active = "true" }
`}, "eu", []KEK{
			{Provider: "awskms", Active: true, File: "a.hcl", Line: 11},
			{Provider: "transit", Name: "primary", Active: true, File: "a.hcl", Line: 5, Settings: []wrappers.Setting{
				set("address", "https://vault:8200", "a.hcl", 7), set("disable_renewal", "true", "a.hcl", 7),
				set("max_retries", int64(2), "a.hcl", 8), set("tls_skip_verify", false, "a.hcl", 9),
			}},
		}},
		{"active is false unless given; names in any case; a block by assignment", []string{`
Region = "eu"
KEYRING "transit" { Name = "x" }
keyring = { gcpckms = { Active = true } }
`}, "eu", []KEK{
			{Provider: "gcpckms", Active: true, File: "a.hcl", Line: 4},
			{Provider: "transit", Name: "x", File: "a.hcl", Line: 3},
		}},
		{"later files replace single attributes, and active", []string{`
region = "eu"
keyring "transit" {
  active = true
  address = "one"
  key_name = "k"
}
keyring "transit" {
  name = "other"
  active = true
}`, `
region = "us"
keyring "transit" {
  address = "two"
}`}, "us", []KEK{
			{Provider: "transit", File: "b.hcl", Line: 3, Settings: []wrappers.Setting{
				set("key_name", "k", "a.hcl", 6), set("address", "two", "b.hcl", 4),
			}},
			{Provider: "transit", Name: "other", Active: true, File: "a.hcl", Line: 8},
		}},
		{"JSON with an object", []string{`{
  "region": "eu",
  "ports": {"http": 4646},
  "keyring": {
    "transit": {"active": true, "key_name": "k",
      "max_retries": 2, "note": "a \" and \u00e9 and ${x}"}
  }
}`}, "eu", []KEK{
			{Provider: "transit", Active: true, File: "a.hcl", Line: 4, Settings: []wrappers.Setting{
				set("key_name", "k", "a.hcl", 5), set("max_retries", int64(2), "a.hcl", 6),
				set("note", `a " and é and ${x}`, "a.hcl", 6),
			}},
		}},
		{"JSON with lists", []string{`{"region": "eu",
  "keyring": [
    {"awskms": {}},
    {"transit": [{"name": "a"}, {"name": "b", "active": "true"}]}
  ]}`}, "eu", []KEK{
			{Provider: "awskms", File: "a.hcl", Line: 2},
			{Provider: "transit", Name: "a", File: "a.hcl", Line: 4},
			{Provider: "transit", Name: "b", Active: true, File: "a.hcl", Line: 4},
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := loadNomad(t, c.files...)
			if err != nil {
				t.Fatal(err)
			}
			if got.Region != c.region {
				t.Errorf("region: got %q, want %q", got.Region, c.region)
			}
			if !reflect.DeepEqual(got.KEKs, c.keks) {
				t.Errorf("KEKs:\ngot  %+v\nwant %+v", got.KEKs, c.keks)
			}
		})
	}
}

// TestNomadRefuses reads the whole text of the error for each kind of mistake.
func TestNomadRefuses(t *testing.T) {
	const kek = "\nkeyring \"awskms\" {}"
	cases := []struct {
		name  string
		files []string
		want  string
	}{
		{"no region", []string{kek}, `
keyring.hcl:2: cluster: region is missing (Nomad's own default is "global")`},
		{"no keyring", []string{`region = "eu"`}, `
keyring.hcl: no keyring block: nothing says which key-encryption key opens the keystore`},
		{"not the region of keyring.hcl", []string{`region = "EU"` + kek}, `
a.hcl:1: region "EU" is not one DNS label: 1 to 63 of a-z, 0-9 and -, not at either end`},
		{"region of another type", []string{`region = true` + kek, `region = ["eu"]`}, `
a.hcl:1: region must be a string in quotes
b.hcl:1: region must be a plain string, whole number, true or false`},
		{"keyless aead", []string{`region = "eu"
keyring "aead" { active = true }`}, `
a.hcl:2: keyring "aead": names no key: Nomad stores the key of such a block in clear beside what it wraps; ` +
			`add key_file = "/path/of/kek.key" (or credential, or key_env) to the block, which Nomad ignores, or leave the block out`},
		{"attributes", []string{`region = "eu"
keyring "transit" {
  name = "a_b"
  active = 1
  tags { x = "y" }
  list = ["a"]
  share = 0.5
  address = "one"
  address = "two"
  huge = 99999999999999999999
}
keyring "transit" "primary" {}
keyring = "aead"
keyring {
  awskms = 5
}`}, `
a.hcl:3: keyring "transit": name "a_b" is not a name: 1 to 64 of a-z, 0-9 and -
a.hcl:4: keyring "transit": active must be true or false
a.hcl:5: keyring "transit": tags must be a plain string, whole number, true or false
a.hcl:6: keyring "transit": list must be a plain string, whole number, true or false
a.hcl:7: keyring "transit": share must be a plain string, whole number, true or false
a.hcl:9: keyring "transit": a second address; the first is at a.hcl:8
a.hcl:10: keyring "transit": huge must be a plain string, whole number, true or false
a.hcl:12: keyring: wants one label, the provider, as in keyring "aead"; got 2
a.hcl:13: keyring must be a block, as in keyring "aead" { … }
a.hcl:15: keyring must be a block, as in keyring "aead" { … }`},
		{"no HCL", []string{"region = \"eu\"\nkeyring \"aead\" {"}, `
a.hcl:2: not a Nomad agent config: object expected closing RBRACE got: EOF`},
		{"no JSON", []string{"{\n\"region\": \"eu\",,}"}, `
a.hcl: not a Nomad agent config: expected: STRING got: COMMA`},
		{"a parser that panics", []string{`{"\a\0`}, `
a.hcl: not a Nomad agent config: bytes.Buffer: UnreadRune: previous operation was not a successful ReadRune`},
		{"deep", []string{strings.Repeat("[", 101)}, `
a.hcl: not a Nomad agent config: nested deeper than 100 levels`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := loadNomad(t, c.files...)
			wantError(t, err, c.want)
		})
	}
}

func TestNomadBesideOurs(t *testing.T) {
	t.Chdir(t.TempDir())
	ours := write(t, "keyring.hcl", devConfig)

	c, err := Load(ours, write(t, "agent.hcl", `region = "global" keyring "awskms" { active = true }`))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.KEKs) != 2 || c.KEKs[0].ID() != "aead.local" || c.KEKs[1].ID() != "awskms" {
		t.Errorf("got %+v, want aead.local and awskms", c.KEKs)
	}

	_, err = Load(ours, write(t, "agent.hcl", `
region = "eu"
keyring "aead" {
  name = "local"
  key_file = "other.key"
}`))
	wantError(t, err, `
keyring.hcl:3: cluster: region is "global", and "eu" at agent.hcl:2; they must be one
agent.hcl:3: a second key-encryption key aead.local; the first is at keyring.hcl:11; give one of them another name`)

	_, err = Load("none.hcl", "none.json")
	wantError(t, err, `
config: open none.hcl: no such file or directory
config: open none.json: no such file or directory`)
}

// TestNomadGroup: a Nomad agent config can put a KEK into a group, and keyring.hcl says how many it needs.
func TestNomadGroup(t *testing.T) {
	t.Chdir(t.TempDir())
	agent := write(t, "a.hcl", `
region = "eu"
keyring "transit" {
  active = true
  group  = "officers"
}
keyring "awskms" {
  active = true
  group  = "officers"
}
group "officers" { count = 3 } # whatever else Nomad may mean by it
`)
	c, err := Load(write(t, "keyring.hcl", bare+`group "officers" { threshold = 2 }`), agent)
	if err != nil {
		t.Fatal(err)
	}
	if c.KEKs[0].Group != "officers" || c.KEKs[1].Group != "officers" || c.Groups[0].Threshold != 2 {
		t.Errorf("got %+v", c)
	}
	_, err = Load(write(t, "keyring.hcl", bare), agent)
	wantError(t, err, `
a.hcl:3: keyring "transit": there is no group "officers": add a block group "officers" { threshold = … }, or leave the group out
a.hcl:7: keyring "awskms": there is no group "officers": add a block group "officers" { threshold = … }, or leave the group out`)
}
