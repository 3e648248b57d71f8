package azurekeyvault

import (
	"fmt"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
)

func TestWhatIsStored(t *testing.T) {
	s := start(t)
	c := config()
	c.VaultName = "Prod" // hosts have no case
	k := newKEK(t, c)
	if !k.RequiresPin() {
		t.Error("no pin is required, though anybody with the public key can wrap")
	}
	for _, bits := range []int{2048, 3072, 4096} {
		version := s.Rotate(t, "prod", "app", bits)
		w := wrap(t, k)
		if w.Scheme != "azure-rsa-oaep-256/1" || w.KeyID != "https://prod.vault.azure.net/keys/app" || w.KeyVersion != version || len(w.Blob) != bits/8 {
			t.Errorf("%d bits: got %s, %s, %s, %d bytes", bits, w.Scheme, w.KeyID, w.KeyVersion, len(w.Blob))
		}
		wantOpen(t, newKEK(t, config()), w)
	}
}

// The version that wrapped is the one that is asked for, whatever others there are.
func TestRotation(t *testing.T) {
	s := start(t)
	k := newKEK(t, config())
	old := wrap(t, k)
	s.Rotate(t, "prod", "app", 2048)
	next := wrap(t, k)
	if old.KeyVersion == next.KeyVersion || old.KeyID != next.KeyID {
		t.Errorf("got %s %s, then %s %s; want another version of the same key", old.KeyID, old.KeyVersion, next.KeyID, next.KeyVersion)
	}
	wantOpen(t, k, old)
	swapped := *old
	swapped.KeyVersion = next.KeyVersion
	_, err := k.Unwrap(t.Context(), &swapped, kektest.AAD)
	wantError(t, err, wrappers.Never, "Key Vault answered 400 BadParameter: Unable to decrypt specified value with this key.")
}

func TestRefusedBlobs(t *testing.T) {
	s := start(t)
	k := newKEK(t, config())
	w := wrap(t, k)
	for _, c := range []struct {
		name   string
		change func(*wrappers.Wrapped)
		class  wrappers.Class
		want   string
		calls  calls
	}{
		{"other key's ID", func(w *wrappers.Wrapped) { w.KeyID = "https://prod.vault.azure.net/keys/other" }, wrappers.Never, `the config names "https://prod.vault.azure.net/keys/app"; set vault_name and key_name`, calls{}},
		{"other vault's ID", func(w *wrappers.Wrapped) { w.KeyID = "https://stage.vault.azure.net/keys/app" }, wrappers.Never, `wrapped under "https://stage.`, calls{}},
		{"no version", func(w *wrappers.Wrapped) { w.KeyVersion = "" }, wrappers.Never, `wrapped under "https://prod.vault.azure.net/keys/app/"`, calls{}},
		{"a path as a version", func(w *wrappers.Wrapped) { w.KeyVersion = "../../secrets/other" }, wrappers.Never, "the config names", calls{}},
		{"a version that never was", func(w *wrappers.Wrapped) { w.KeyVersion = fmt.Sprintf("%032x", 7) }, wrappers.Ask, "there is no https://prod.vault.azure.net/keys/app/00000000000000000000000000000007", calls{"unwrapkey": 1}},
		{"forged", func(w *wrappers.Wrapped) { w.Blob = make([]byte, 256) }, wrappers.Never, "Unable to decrypt", calls{"unwrapkey": 1}},
		{"longer", func(w *wrappers.Wrapped) { w.Blob = make([]byte, 257) }, wrappers.Never, "malformed blob: azurekeyvault: 257 bytes", calls{}},
		{"of a larger key", func(w *wrappers.Wrapped) { w.Blob = make([]byte, 512) }, wrappers.Never, "Unable to decrypt", calls{"unwrapkey": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := *w
			c.change(&changed)
			wantCalls(t, s, "Unwrap", c.calls, func() {
				_, err := k.Unwrap(t.Context(), &changed, kektest.AAD)
				wantError(t, err, c.class, c.want)
			})
		})
	}
}
