package transit

import (
	"strings"
	"testing"
)

func TestCheckCiphertext(t *testing.T) {
	w := new(Wrapper)
	long := strings.Repeat("AAAA", 400)
	for _, c := range []struct{ text, version, want string }{
		{ciphertext, "1", ""},
		{strings.Replace(ciphertext, "v1", "v120", 1), "120", ""},
		{"", "", "not vault:v"},
		{"vault:v1:", "", "not vault:v"},
		{strings.Replace(ciphertext, "v1", "v01", 1), "", "not vault:v"},
		{strings.Replace(ciphertext, "v1", "v0", 1), "", "not vault:v"},
		{strings.Replace(ciphertext, "v1", "v1234567890", 1), "", "not vault:v"},
		{ciphertext + "\n", "", "not vault:v"},
		{strings.ToUpper(ciphertext), "", "not vault:v"},
		{"x" + ciphertext, "", "not vault:v"},
		{ciphertext[:20] + "\n" + ciphertext[20:], "", "not vault:v"},
		{ciphertext + "AB==", "1", "not strict base64"}, // bits that carry nothing
		{ciphertext + "A", "1", "not strict base64"},
		{ciphertext[:len(ciphertext)-4], "1", "27 bytes, a ciphertext has at least 28"},
		{"vault:v1:" + long, "1", "1609 bytes are too long"},
	} {
		err := w.CheckCiphertext([]byte(c.text))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("CheckCiphertext(%.40q): got %v, want %q", c.text, err, c.want)
		}
		if got := w.KeyVersion([]byte(c.text)); got != c.version {
			t.Errorf("KeyVersion(%.40q): got %q, want %q", c.text, got, c.version)
		}
	}
}

func FuzzCheckCiphertext(f *testing.F) {
	f.Add([]byte(ciphertext))
	f.Add([]byte("vault:v2:AAAA"))
	f.Fuzz(func(t *testing.T, text []byte) {
		w := new(Wrapper)
		if w.CheckCiphertext(text) == nil && w.KeyVersion(text) == "" {
			t.Errorf("%q is accepted and has no version", text)
		}
	})
}
