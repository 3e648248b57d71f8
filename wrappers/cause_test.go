package wrappers

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	"pgregory.net/rapid"
)

// root has the length of a keyring's: labels, then 32 bytes that are secret.
var root = func() []byte {
	b := []byte("sealwax root v1\x00")
	for i := range 80 {
		b = append(b, byte(i*i*37+i*91+11))
	}
	return b
}()

func TestDriversTextIsMadePrintable(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Error making API request.\n\n\t* sealed", "Error making API request. * sealed"},
		{"\x1b[2J\x1b]0;owned\x07 \x9b1m", "?[2J?]0;owned? ?1m"},
		{"permission \u202edeined\u2066 \u0085 é ☃", "permission ?deined? é ☃"},
		{"no\xff such\x00key", "no? such?key"},
		{strings.Repeat("é", 250), strings.Repeat("é", 250)},
		{strings.Repeat("é", 251), strings.Repeat("é", 250) + "… (cut: 502 bytes)"},
		{"x" + strings.Repeat("é", 250), "x" + strings.Repeat("é", 249) + "… (cut: 501 bytes)"},
		{strings.Repeat(" ", 5000) + "late", "… (cut: 5004 bytes)"},
		{strings.Repeat("x", 50<<20), strings.Repeat("x", 500) + "… (cut: 52428800 bytes)"},
	} {
		err := newKEK(t, &knowing{newFake(), Ask, c.text}, nil).errorOf("wrap", "", errors.New(c.text), nil)
		wantError(t, err, Ask, "wrappers: wrap with fake.eu: "+c.want+"; "+c.want)
	}
}

type silent struct{}

func (*silent) Error() string { panic("no receiver") }

func TestErrorThatPanicsWhenItIsPrinted(t *testing.T) {
	f := newFake()
	f.encrypt = func(context.Context, []byte) (*wrapping.BlobInfo, error) { return nil, (*silent)(nil) }
	_, err := newKEK(t, f, nil).Wrap(t.Context(), root, nil)
	wantError(t, err, Ask, "wrappers: wrap with fake.eu (key static-key): an error that panics when it is printed")
}

// leaks are ways in which a driver's text can hold bytes.
var leaks = map[string]func(b []byte) string{
	"raw":               func(b []byte) string { return string(b) },
	"hex":               func(b []byte) string { return hex.EncodeToString(b) },
	"HEX":               func(b []byte) string { return fmt.Sprintf("%X", b) },
	"hex with spaces":   func(b []byte) string { return fmt.Sprintf("% x", b) },
	"hex with prefixes": func(b []byte) string { return fmt.Sprintf("%#v", b) },
	"numbers":           func(b []byte) string { return fmt.Sprint(b) },
	"quoted":            func(b []byte) string { return fmt.Sprintf("%q", b) },
	"base64":            func(b []byte) string { return base64.StdEncoding.EncodeToString(b) },
	"raw base64":        func(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) },
	"base64 for URLs":   func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) },
	"base64 of more":    func(b []byte) string { return base64.StdEncoding.EncodeToString(append([]byte("ab"), b...)) },
}

// A driver's text never shows what was to be wrapped, whether it is of an error, of its cause, or of a hint.
func TestPlaintextIsWithheld(t *testing.T) {
	for name, spell := range leaks {
		for part, b := range map[string][]byte{"all": root, "the root": root[len(root)-32:], "some": root[30:45]} {
			f := &knowing{newFake(), Ask, "try " + spell(b)}
			f.encrypt = func(_ context.Context, p []byte) (*wrapping.BlobInfo, error) {
				return nil, fmt.Errorf("denied: %w", fmt.Errorf("request was {%s}: %w", spell(b), fs.ErrPermission))
			}
			_, err := newKEK(t, f, nil).Wrap(t.Context(), root, nil)
			wantError(t, err, Ask, "wrappers: wrap with fake.eu (key static-key): "+withheld+"; "+withheld)
			if !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s of %s: errors.Is does not find the driver's error", name, part)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%x", "%d"} {
					if out := fmt.Sprintf(verb, e); shows(out, b) {
						t.Errorf("%s of %s: %s of %T shows it: %s", name, part, verb, e, out)
					}
				}
			}
		}
	}
}

func TestPlaintextIsWithheldFromReadBackAndUnwrap(t *testing.T) {
	f := newFake()
	f.encrypt = func(context.Context, []byte) (*wrapping.BlobInfo, error) {
		return &wrapping.BlobInfo{Ciphertext: []byte("w"), KeyInfo: &wrapping.KeyInfo{KeyId: "static-key"}}, nil
	}
	f.decrypt = func(context.Context, []byte) ([]byte, error) { return nil, fmt.Errorf("cannot use %x", root) }
	_, err := newKEK(t, f, nil).Wrap(t.Context(), root[:32], nil)
	wantError(t, err, Ask, "wrappers: read back with fake.eu (key static-key): "+withheld)

	returned := append([]byte(nil), root...)
	f.decrypt = func(context.Context, []byte) ([]byte, error) {
		return returned, fmt.Errorf("%x: %w", returned, fs.ErrPermission)
	}
	_, err = newKEK(t, &schemer{f, "fake/1"}, nil).Unwrap(t.Context(), blob, nil)
	wantError(t, err, Ask, "wrappers: unwrap with fake.eu: "+withheld)
	if !errors.Is(err, fs.ErrPermission) || strings.Trim(string(returned), "\x00") != "" {
		t.Errorf("got %v, and %x is left of what the driver returned", err, returned)
	}
}

func TestKeyIDThatRepeatsThePlaintext(t *testing.T) {
	err := newKEK(t, newFake(), nil).errorOf("wrap", "", underKey{hex.EncodeToString(root), errors.New("no")}, root)
	wantError(t, err, Ask, "wrappers: wrap with fake.eu: no")
}

func TestTypesOfADriverAreFound(t *testing.T) {
	err := newKEK(t, newFake(), nil).errorOf("check", "", &fs.PathError{Op: "open", Path: "\x07", Err: fs.ErrNotExist}, nil)
	wantError(t, err, Ask, "wrappers: check with fake.eu: open ?: file does not exist")
	path, ok := errors.AsType[*fs.PathError](err)
	if !ok || path.Path != "\x07" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("errors.As: got %v, %v", path, ok)
	}
}

func TestShows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), piece, MaxPlaintext).Filter(func(b []byte) bool { return !allSame(b[:piece]) }).Draw(t, "plaintext")
		before, after := rapid.StringN(0, 50, -1).Draw(t, "before"), rapid.StringN(0, 50, -1).Draw(t, "after")
		for name, spell := range leaks {
			if name == "quoted" || name == "raw base64" || name == "base64 of more" {
				continue // what stands at the ends may change the first and last characters
			}
			if !shows(before+" "+spell(b)+" "+after, b) {
				t.Errorf("%s is not found", name)
			}
		}
	})
	uuid := "keystore=0b252627-2829-4b2b-ac2d-2e2f30313233"
	for _, c := range []struct {
		text      string
		plaintext []byte
	}{
		{"", root},
		{"permission denied: transit/decrypt/app", root},
		{hex.EncodeToString(root[:11]), root},
		{string(root[:11]), root[:11]},
		{strings.Repeat("\x00", 40), make([]byte, 32)},
		{uuid, []byte("\x0b\x25\x26\x27\x28\x29\x4b\x2b\xac\x2d\x2e\x2f\x30\x31\x32\x33")},
		{"222 173 190 239 1 2 3 4 5 6 7 80", []byte{222, 173, 190, 239, 1, 2, 3, 4, 5, 6, 7, 8}},
	} {
		if shows(c.text, c.plaintext) {
			t.Errorf("%q: found %x", c.text, c.plaintext)
		}
	}
}
