package hpke_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/hpke"
	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

func newKey(t *testing.T) *hpke.RecoveryKey {
	t.Helper()
	key, err := hpke.Generate()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(key.Clear)
	return key
}

func TestConformance(t *testing.T) {
	key := newKey(t)
	wrappertest.Run(t, wrappertest.Harness{
		New:      func(*testing.T) wrapping.Wrapper { return hpke.NewOpener(key) },
		WrongKey: func(t *testing.T) wrapping.Wrapper { return hpke.NewOpener(newKey(t)) },
		WrapOnly: func(t *testing.T) wrapping.Wrapper {
			w, err := hpke.New(key.Recipient().String())
			if err != nil {
				t.Fatal(err)
			}
			return w
		},
	})
}

func TestConfigure(t *testing.T) {
	recipient := newKey(t).Recipient()
	setting := func(name string, value any) []wrappers.Setting {
		return []wrappers.Setting{{Name: name, Value: value, File: "k.hcl", Line: 7}}
	}
	for _, c := range []struct {
		name  string
		items []wrappers.Setting
		want  string // "": configured
	}{
		{"good", setting("recipient", recipient.String()), ""},
		{"nothing", nil, "recipient is missing"},
		{"empty", setting("recipient", ""), "k.hcl:7: keyring hpke.safe: recipient: is empty"},
		{"not text", setting("recipient", true), "recipient: must be a string"},
		{"cut", setting("recipient", recipient.String()[:80]), "k.hcl:7: keyring hpke.safe: recipient: hpke: parse recipient: 60 characters follow sealwax-recipient-1-, want 1952: was it cut?"},
		{"misspelt", setting("recipent", recipient.String()), "recipent: unknown setting"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := hpke.Configure(t.Context(), wrappers.NewSettings("hpke.safe", c.items))
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("Configure: got %v, want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if id, _ := w.KeyId(t.Context()); id != recipient.Fingerprint() {
				t.Errorf("KeyId: got %q, want %q", id, recipient.Fingerprint())
			}
		})
	}
}

func TestWhatAConfigHoldsCannotOpen(t *testing.T) {
	w, err := hpke.New(newKey(t).Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	blob, err := w.Encrypt(t.Context(), []byte("root"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Decrypt(t.Context(), blob)
	if !errors.Is(err, wrappers.ErrWrapOnly) {
		t.Errorf("Decrypt: got %v, want ErrWrapOnly", err)
	}
	class, hint := w.Classify(err)
	if class != wrappers.Never || !strings.Contains(hint, "keyring recover") {
		t.Errorf("Classify: got %v, %q", class, hint)
	}
	if !w.WrapOnly() || !w.RequiresPin() {
		t.Errorf("WrapOnly, RequiresPin: got %v, %v, want true, true", w.WrapOnly(), w.RequiresPin())
	}
}

func TestRefusals(t *testing.T) {
	key := newKey(t)
	w := hpke.NewOpener(key)
	aad := wrapping.WithAad([]byte("here"))
	blob, err := w.Encrypt(t.Context(), make([]byte, 128), aad)
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(*wrapping.BlobInfo)) *wrapping.BlobInfo {
		b := &wrapping.BlobInfo{Ciphertext: bytes.Clone(blob.Ciphertext), KeyInfo: &wrapping.KeyInfo{KeyId: blob.KeyInfo.KeyId}}
		f(b)
		return b
	}
	for _, c := range []struct {
		name string
		blob *wrapping.BlobInfo
		want string
	}{
		{"nil", nil, `wrapped to recipient ""`},
		{"other recipient", change(func(b *wrapping.BlobInfo) { b.KeyInfo.KeyId = "ab" }), `wrapped to recipient "ab", this is the key of`},
		{"short", change(func(b *wrapping.BlobInfo) { b.Ciphertext = b.Ciphertext[:1135] }), "1135 bytes, a ciphertext has 1136 to 1264"},
		{"long", change(func(b *wrapping.BlobInfo) { b.Ciphertext = append(b.Ciphertext, 0) }), "1265 bytes"},
		{"encapsulated key changed", change(func(b *wrapping.BlobInfo) { b.Ciphertext[0] ^= 1 }), "does not open"},
		{"tag changed", change(func(b *wrapping.BlobInfo) { b.Ciphertext[1263] ^= 1 }), "does not open"},
		{"low order point", change(func(b *wrapping.BlobInfo) { clear(b.Ciphertext[1088:1120]) }), "does not open"},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, w, c.blob, c.want, aad) })
	}
	t.Run("other context", func(t *testing.T) { wantError(t, w, blob, "does not open") })
	t.Run("too much", func(t *testing.T) {
		if _, err := w.Encrypt(t.Context(), make([]byte, 129)); err == nil || !strings.Contains(err.Error(), "129 bytes, at most 128") {
			t.Errorf("Encrypt: got %v", err)
		}
	})
	t.Run("SetConfig", func(t *testing.T) {
		if _, err := w.SetConfig(t.Context()); err == nil {
			t.Error("SetConfig: got no error")
		}
	})
	t.Run("cleared", func(t *testing.T) {
		key.Clear()
		wantError(t, w, blob, "the recovery key was cleared", aad)
	})
}

func wantError(t *testing.T, w *hpke.Wrapper, blob *wrapping.BlobInfo, want string, options ...wrapping.Option) {
	t.Helper()
	_, err := w.Decrypt(t.Context(), blob, options...)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Decrypt: got %v, want %q", err, want)
	}
	if class, _ := w.Classify(err); class != wrappers.Never {
		t.Errorf("Classify(%v): got %v, want never", err, class)
	}
}

// The example makes a recovery key, wraps with its public half and opens with the private one.
func Example() {
	ctx := context.Background()
	key, err := hpke.Generate()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer key.Clear()

	online, err := hpke.New(key.Recipient().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	blob, err := online.Encrypt(ctx, []byte("the root"))
	if err != nil {
		fmt.Println(err)
		return
	}
	plaintext, err := hpke.NewOpener(key).Decrypt(ctx, blob)
	fmt.Printf("%s %v\n", plaintext, err)
	// Output: the root <nil>
}
