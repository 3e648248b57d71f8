package names

import (
	"strings"
	"testing"
)

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		kind string
		is   func(string) bool
		yes  []string
		no   []string
	}{
		{"name", IsName,
			[]string{"a", "-", "0", "eu-1", strings.Repeat("g", 100)},
			[]string{"", "A", "a.b", "a/b", "a b", "é", "a\n", "a\x00", "`", "{"}},
		{"label", IsLabel,
			[]string{"a", "0", "eu-1", strings.Repeat("l", 63)},
			[]string{"", "-", "-a", "a-", "A", "a.b", strings.Repeat("l", 64)}},
		{"scheme", IsScheme,
			[]string{"a/1", "vault-transit/10", "a.b/2", strings.Repeat("s", 62) + "/1"},
			[]string{"", "a", "a/", "/1", "a/0", "a/01", "a/1a", "a/1/2", "A/1", "a b/1", strings.Repeat("s", 63) + "/1"}},
		{"text", IsText,
			[]string{"", " ", "~", "projects/p/keys/k", "arn:aws:kms:eu", strings.Repeat("k", 1024)},
			[]string{`"`, `\`, "<", ">", "&", "\x1f", "\x7f", "\x80", "é", "a\nb", strings.Repeat("k", 1025)}},
	} {
		for _, s := range c.yes {
			if !c.is(s) {
				t.Errorf("%.40q is not a %s", s, c.kind)
			}
		}
		for _, s := range c.no {
			if c.is(s) {
				t.Errorf("%.40q is a %s", s, c.kind)
			}
		}
	}
}
