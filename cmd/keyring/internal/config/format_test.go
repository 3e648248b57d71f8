package config

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/wrappers"
)

// TestFormatDev has what init --dev writes: its shape is API.
func TestFormatDev(t *testing.T) {
	c := &Config{
		Cluster: "dev", Region: "global",
		Keystore: Keystore{Path: "keystore.jsonl", Identity: testPin, Lease: 10 * time.Second, ClockSkew: time.Second},
		KEKs: []KEK{{Provider: "aead", Name: "local", Active: true, Settings: []wrappers.Setting{
			{Name: "key_file", Value: "kek.key"},
		}}},
	}
	want := `cluster {
  id     = "dev"
  region = "global"
}

keystore {
  path     = "keystore.jsonl"
  identity = "` + testPinText + `"

  lease      = "10s"
  clock_skew = "1s"
}

keyring "aead" {
  name     = "local"
  key_file = "kek.key"
}
`
	if got := Format(c); string(got) != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// checkFormat wants c to survive Format and the reader, but for the lines where things stood.
func checkFormat(t interface{ Fatalf(string, ...any) }, c *Config) {
	text := Format(c)
	got, p := &Config{File: c.File}, &problems{}
	got.Region = decode(got, parseHCL(c.File, text, p), p).name
	if err := p.err(); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	if got, want := fmt.Sprintf("%+v", withoutLines(got)), fmt.Sprintf("%+v", withoutLines(c)); got != want {
		t.Fatalf("got  %s\nwant %s\nin:\n%s", got, want, text)
	}
	if again := Format(got); !bytes.Equal(again, text) {
		t.Fatalf("formatted twice: got\n%s\nwant\n%s", again, text)
	}
}

func withoutLines(c *Config) *Config {
	flat := *c
	flat.KEKs, flat.Groups, flat.Sources = nil, nil, nil
	for _, s := range c.Sources {
		s.Line = 0
		flat.Sources = append(flat.Sources, s)
	}
	for _, g := range c.Groups {
		g.Line = 0
		flat.Groups = append(flat.Groups, g)
	}
	for _, k := range c.KEKs {
		k.Line, k.Settings = 0, append([]wrappers.Setting(nil), k.Settings...)
		for i := range k.Settings {
			k.Settings[i].Line = 0
		}
		flat.KEKs = append(flat.KEKs, k)
	}
	return &flat
}

func TestFormatComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`)
		name := rapid.StringMatching(`([a-z0-9-]{1,24})?`)
		// The NUL and what is no UTF-8 cannot be spelled in HCL; paths and settings with them cannot come from it.
		text := rapid.StringMatching(`[ -~\n\täß€]{1,40}`)
		value := rapid.OneOf(rapid.Just[any](true), rapid.Just[any](int64(-5+10)), rapid.Map(text, func(s string) any { return s }))
		kek := rapid.Custom(func(t *rapid.T) KEK {
			k := KEK{Provider: rapid.StringMatching(`[a-z0-9-]{1,32}`).Draw(t, "provider"), File: "x.hcl",
				Name: name.Draw(t, "name"), Group: name.Draw(t, "group"), Active: rapid.Bool().Draw(t, "active")}
			k.Timeout = rapid.SampledFrom([]time.Duration{0, 100 * time.Millisecond, 90 * time.Second}).Draw(t, "timeout")
			k.CallsPerMinute = rapid.IntRange(0, 100_000).Draw(t, "calls per minute")
			for i, v := range rapid.SliceOfN(value, 0, 4).Draw(t, "settings") {
				k.Settings = append(k.Settings, wrappers.Setting{Name: fmt.Sprintf("s%d", i), Value: v, File: "x.hcl"})
			}
			return k
		})
		group := rapid.Custom(func(t *rapid.T) Group {
			return Group{Name: rapid.StringMatching(`g[a-z0-9-]{1,23}`).Draw(t, "of"), Threshold: rapid.IntRange(1, 255).Draw(t, "threshold"), File: "x.hcl"}
		})
		c := &Config{
			File: "x.hcl", Cluster: label.Draw(t, "cluster"), Region: label.Draw(t, "region"),
			Unwrap: Unwrap{
				Order:      rapid.SampledFrom([]wrappers.Order{wrappers.AsGiven, wrappers.FastestFirst}).Draw(t, "order"),
				HedgeDelay: rapid.SampledFrom([]time.Duration{0, time.Millisecond, time.Minute}).Draw(t, "hedge delay"),
			},
			Keystore: Keystore{Path: "/" + rapid.StringMatching(`[ -~]{1,20}`).Draw(t, "path")},
			Groups:   rapid.SliceOfN(group, 0, 2).Draw(t, "groups"),
			KEKs:     rapid.SliceOfN(kek, 1, 3).Draw(t, "keks"),
		}
		drawLife(t, c)
		if rapid.Bool().Draw(t, "pinned") {
			c.Keystore.Identity = testPin
		}
		checkFormat(t, c)
	})
}

// drawLife draws what is about the life of keys.
func drawLife(t *rapid.T, c *Config) {
	c.Keystore.Lease = rapid.SampledFrom([]time.Duration{0, time.Second, 5 * time.Minute}).Draw(t, "lease")
	c.Keystore.ClockSkew = rapid.SampledFrom([]time.Duration{0, 1500 * time.Millisecond, time.Hour}).Draw(t, "clock skew")
	c.Keystore.Readers = rapid.IntRange(0, 1000).Draw(t, "readers")
	c.Rotation = rapid.SampledFrom([]keyring.Rotation{
		{}, {Period: 720 * time.Hour}, {Period: time.Second, Prepublish: -1}, {Period: time.Hour, Prepublish: time.Minute}, {Messages: 1, Bytes: 1 << 52},
	}).Draw(t, "rotation")
	c.Signing = rapid.SampledFrom([]Signing{
		{}, {Signing: keyring.Signing{Algorithms: []string{"RS256", "EdDSA"}, RSABits: 3072}, Issuer: "https://id.example.com/a", TokenLifetime: time.Hour},
		{Signing: keyring.Signing{Algorithms: []string{"ES256"}}},
	}).Draw(t, "signing")
	c.Sources = rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) Source {
		return Source{Name: rapid.StringMatching(`s[a-z0-9-]{1,23}`).Draw(t, "source"), Type: rapid.SampledFrom(sourceTypes).Draw(t, "type"),
			Path: "/" + rapid.StringMatching(`[ -~]{1,20}`).Draw(t, "of source"), ReadOnly: rapid.Bool().Draw(t, "read only"), File: "x.hcl"}
	}), 0, 3, func(s Source) string { return s.Name }).Draw(t, "sources")
}
