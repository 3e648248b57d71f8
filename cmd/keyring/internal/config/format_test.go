package config

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/wrappers"
)

func TestFormatDev(t *testing.T) {
	c := &Config{
		Cluster: "dev", Region: "global",
		Keystore: Keystore{Path: "keystore.jsonl", Identity: testPin},
		KEKs: []KEK{{Provider: "aead", Name: "local", Active: true, Settings: []wrappers.Setting{
			{Name: "key_file", Value: "kek.key"},
		}}},
	}
	if got := Format(c); string(got) != devConfig {
		t.Errorf("got:\n%s\nwant:\n%s", got, devConfig)
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
	flat.KEKs, flat.Groups = nil, nil
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
		if rapid.Bool().Draw(t, "pinned") {
			c.Keystore.Identity = testPin
		}
		checkFormat(t, c)
	})
}
