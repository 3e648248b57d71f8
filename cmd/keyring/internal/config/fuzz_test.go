package config

import (
	"fmt"
	"testing"
)

// FuzzConfig feeds the reader of keyring.hcl. Whatever it accepts must come back the same after Format.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		devConfig, bare, "", "cluster {}", "x = ${", "keyring \"a\" { b = <<-E\n  c\n  E\n}",
		"keyring \"a\" { b = -1 }", "\xef\xbb\xbf" + devConfig, "keystore {\r\n  path = \"k\"\r\n}\r\n",
		devConfig + "group \"o\" { threshold = 1 }\nkeyring \"b\" { group = \"o\" }\n",
		devConfig + lifeConfig, devConfig + "signing { algorithms = [] }", devConfig + "source \"s\" { path = [\"p\", 1] }",
		"a {\n b {\n c = [1, {d = \"${e(f)}\"}]\n}\n}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > MaxSize {
			return
		}
		c, p := &Config{File: "fuzz.hcl"}, &problems{}
		c.Region = decode(c, parseHCL("fuzz.hcl", src, p), p).name
		checkIDs(c, p)
		checkGroups(c, p)
		checkSources(c, p)
		if p.err() != nil || c.Region == "" {
			return
		}
		checkFormat(t, c)
		checkIdentity(t, c, src)
	})
}

// checkIdentity wants the text src of c to take another pin and nothing else.
func checkIdentity(t *testing.T, c *Config, src []byte) {
	got, p := &Config{File: c.File}, &problems{}
	next := withIdentity(c.File, src, testPin)
	got.Region = decode(got, parseHCL(c.File, next, p), p).name
	if err := p.err(); err != nil {
		t.Fatalf("%v in:\n%s\nwhich was:\n%s", err, next, src)
	}
	want := *c
	want.Keystore.Identity = testPin
	if got, want := fmt.Sprintf("%+v", withoutLines(got)), fmt.Sprintf("%+v", withoutLines(&want)); got != want {
		t.Fatalf("got  %s\nwant %s\nin:\n%s", got, want, next)
	}
}

// FuzzNomad feeds the reader of Nomad agent configs, HCL 1 and JSON.
func FuzzNomad(f *testing.F) {
	for _, seed := range []string{
		`region = "eu" keyring "awskms" { active = true }`, `{"region": "eu", "keyring": {"aead": {"key_file": "k"}}}`,
		`{"keyring": [{"transit": [{"name": "a"}, {}]}]}`, `keyring = [{ a = {} }]`, `keyring { a "b" { c = <<-E
  d
  E
} }`, `{"keyring": {"a": null, "b": [1, true]}}`, `region = "\xff${`, `keyring "a" { b = 0x }`, `"region" "\q" {}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > MaxSize {
			return
		}
		const file = "agent.hcl"
		p, m := &problems{}, merged{}
		m.add(parseNomad(file, src, p))
		n := m.decode(p)
		if p.err() != nil {
			return
		}
		for _, k := range n.keks {
			if k.Provider == "" || k.File != file || k.Line < 1 {
				t.Errorf("accepted a KEK of %q at %s:%d", k.Provider, k.File, k.Line)
			}
		}
	})
}
