package wrappers

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// at returns settings whose first one stands in line 3 of /etc/keyring.hcl, the next in line 4 and so on.
func at(items ...Setting) *Settings {
	for i := range items {
		items[i].File, items[i].Line = filepath.FromSlash("/etc/keyring.hcl"), 3+i
	}
	return NewSettings("transit.eu", items).At(filepath.FromSlash("/etc/keyring.hcl"), 2)
}

func TestValues(t *testing.T) {
	s := at(
		Setting{Name: "text", Value: "abc"},
		Setting{Name: "yes", Value: true}, Setting{Name: "quoted", Value: "false"},
		Setting{Name: "n", Value: int64(7)}, Setting{Name: "quoted_n", Value: "8"},
		Setting{Name: "wait", Value: "1m30s"},
		Setting{Name: "relative", Value: "kek.key"}, Setting{Name: "absolute", Value: "/run/kek.key"},
		Setting{Name: "url", Value: "file:///run/ca.pem"},
	)
	for _, c := range []struct{ got, want any }{
		{s.String("text"), "abc"}, {s.Require("text"), "abc"}, {s.String("no"), ""},
		{s.Bool("yes", false), true}, {s.Bool("quoted", true), false}, {s.Bool("no", true), true},
		{s.Int("n", 1, 0, 9), 7}, {s.Int("quoted_n", 1, 0, 9), 8}, {s.Int("no", 1, 0, 9), 1},
		{s.Duration("wait", time.Second), 90 * time.Second}, {s.Duration("no", time.Second), time.Second},
		{s.Path("relative"), filepath.FromSlash("/etc/kek.key")}, {s.Path("absolute"), "/run/kek.key"}, {s.Path("no"), ""},
		{s.File("relative"), filepath.FromSlash("/etc/kek.key")}, {s.File("url"), "/run/ca.pem"}, {s.File("no"), ""},
		{s.Has("text"), true}, {s.Has("no"), false},
		{s.ID(), "transit.eu"},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
	if err := s.Err(); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestSettingErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		item Setting
		ask  func(s *Settings)
		want string
	}{
		{"unknown", Setting{Name: "key_nmae", Value: "x"}, func(s *Settings) { s.String("key_name"); s.Has("address") },
			"/etc/keyring.hcl:3: keyring transit.eu: key_nmae: unknown setting; it could be address, key_name"},
		{"missing", Setting{Name: "a", Value: "x"}, func(s *Settings) { s.String("a"); s.Require("key_name") },
			"/etc/keyring.hcl:2: keyring transit.eu: key_name is missing"},
		{"empty", Setting{Name: "key_name", Value: ""}, func(s *Settings) { s.Require("key_name") },
			"/etc/keyring.hcl:3: keyring transit.eu: key_name: is empty; leave it out to have it unset"},
		{"empty and optional", Setting{Name: "namespace", Value: ""}, func(s *Settings) { s.String("namespace") },
			"/etc/keyring.hcl:3: keyring transit.eu: namespace: is empty; leave it out to have it unset"},
		{"empty path", Setting{Name: "key_file", Value: ""}, func(s *Settings) { s.Path("key_file") },
			"/etc/keyring.hcl:3: keyring transit.eu: key_file: is empty; leave it out to have it unset"},
		{"file in a variable", Setting{Name: "ca", Value: "env://CA"}, func(s *Settings) { s.File("ca") },
			"/etc/keyring.hcl:3: keyring transit.eu: ca: must be the path of a file"},
		{"relative file after file://", Setting{Name: "ca", Value: "file://ca.pem"}, func(s *Settings) { s.File("ca") },
			"/etc/keyring.hcl:3: keyring transit.eu: ca: needs an absolute path after file://, as in file:///etc/ssl/kms.pem"},
		{"empty secret", Setting{Name: "token", Value: ""}, func(s *Settings) { s.Secret("token") },
			"/etc/keyring.hcl:3: keyring transit.eu: token: is empty; leave it out to have it unset"},
		{"number for string", Setting{Name: "key_name", Value: int64(3)}, func(s *Settings) { s.Require("key_name") },
			"/etc/keyring.hcl:3: keyring transit.eu: key_name: must be a string, is a number"},
		{"list for string", Setting{Name: "key_name", Value: []string{"x"}}, func(s *Settings) { s.String("key_name") },
			"/etc/keyring.hcl:3: keyring transit.eu: key_name: must be a string, is something else"},
		{"boolean", Setting{Name: "renew", Value: "yes"}, func(s *Settings) { s.Bool("renew", true) },
			"/etc/keyring.hcl:3: keyring transit.eu: renew: must be true or false, is another string"},
		{"integer", Setting{Name: "time", Value: true}, func(s *Settings) { s.Int("time", 1, 0, 9) },
			"/etc/keyring.hcl:3: keyring transit.eu: time: must be a whole number, is a boolean"},
		{"quoted integer", Setting{Name: "time", Value: "many"}, func(s *Settings) { s.Int("time", 1, 0, 9) },
			"/etc/keyring.hcl:3: keyring transit.eu: time: must be a whole number, is another string"},
		{"range", Setting{Name: "time", Value: int64(10)}, func(s *Settings) { s.Int("time", 1, 0, 9) },
			"/etc/keyring.hcl:3: keyring transit.eu: time: must be from 0 to 9, is 10"},
		{"duration", Setting{Name: "wait", Value: int64(30)}, func(s *Settings) { s.Duration("wait", 1) },
			`/etc/keyring.hcl:3: keyring transit.eu: wait: must be a duration like "30s", is a number`},
		{"negative duration", Setting{Name: "wait", Value: "-1s"}, func(s *Settings) { s.Duration("wait", 1) },
			`/etc/keyring.hcl:3: keyring transit.eu: wait: must be a duration like "30s", is another string`},
		{"provider's own rule", Setting{Name: "address", Value: "x"}, func(s *Settings) { s.Refuse("address", "is no URL") },
			"/etc/keyring.hcl:3: keyring transit.eu: address: is no URL"},
		{"provider's own rule about what is missing", Setting{Name: "a", Value: "x"}, func(s *Settings) { s.Has("a"); s.Refuse("address", "or b") },
			"/etc/keyring.hcl:2: keyring transit.eu: address: or b"},
		{"secret in a relative file", Setting{Name: "token", Value: "file://token"}, func(s *Settings) { s.Secret("token") },
			"/etc/keyring.hcl:3: keyring transit.eu: token: needs an absolute path after file://, as in file:///run/secrets/token"},
		{"secret in no variable", Setting{Name: "token", Value: "env://"}, func(s *Settings) { s.Secret("token") },
			"/etc/keyring.hcl:3: keyring transit.eu: token: needs the name of a variable after env://"},
		{"secret of the wrong type", Setting{Name: "token", Value: int64(12345)}, func(s *Settings) { s.Secret("token") },
			"/etc/keyring.hcl:3: keyring transit.eu: token: must be a string, is a number"},
	} {
		s := at(c.item)
		c.ask(s)
		if err := s.Err(); err == nil || err.Error() != c.want {
			t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, c.want)
		}
	}
}

func TestAllErrorsAreReported(t *testing.T) {
	s := at(Setting{Name: "a", Value: true}, Setting{Name: "b", Value: "x"}, Setting{Name: "a", Value: true})
	s.String("a")
	s.Require("c")
	want := "/etc/keyring.hcl:5: keyring transit.eu: a: given twice, first in line 3\n" +
		"/etc/keyring.hcl:3: keyring transit.eu: a: must be a string, is a boolean\n" +
		"/etc/keyring.hcl:2: keyring transit.eu: c is missing\n" +
		"/etc/keyring.hcl:4: keyring transit.eu: b: unknown setting; it could be a, c"
	if err := s.Err(); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestMissingNamesTheFirstSettingWithoutABlock(t *testing.T) {
	s := NewSettings("aead", []Setting{{Name: "a", Value: "x", File: "k.hcl", Line: 9}})
	s.Has("a")
	s.Missing("b")
	if err := s.Err(); err == nil || err.Error() != "k.hcl:9: keyring aead: b is missing" {
		t.Errorf("got %v", err)
	}
}

func TestEnvironmentThatDiffersIsAWarning(t *testing.T) {
	t.Setenv("VAULT_ADDR", "https://other")
	t.Setenv("VAULT_TOKEN", "hvs.secret")
	t.Setenv("VAULT_SKIP_VERIFY", "true")
	s := at(
		Setting{Name: "address", Value: "https://vault"},
		Setting{Name: "token", Value: "file:///run/token"},
		Setting{Name: "tls_skip_verify", Value: true},
	)
	s.Env("address", "VAULT_AGENT_ADDR_UNSET", "VAULT_ADDR")
	s.Env("token", "VAULT_TOKEN")
	s.Env("tls_skip_verify", "VAULT_SKIP_VERIFY")
	s.Env("namespace", "VAULT_ADDR")
	want := []string{"/etc/keyring.hcl:3: keyring transit.eu: address: the environment variable VAULT_ADDR says something else and is ignored"}
	if !slices.Equal(s.Warnings(), want) {
		t.Errorf("got %q, want %q", s.Warnings(), want)
	}
}
