package azurekeyvault

import (
	"strings"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

func TestCheckCiphertext(t *testing.T) {
	w := new(Wrapper)
	for n := range 700 {
		err := w.CheckCiphertext(make([]byte, n))
		if good := n == 256 || n == 384 || n == 512; good != (err == nil) {
			t.Errorf("%d bytes: got %v", n, err)
		}
	}
	wantText(t, "255 bytes", w.CheckCiphertext(make([]byte, 255)), "255 bytes, a ciphertext of an RSA key has 256, 384 or 512")
	if v := w.KeyVersion(make([]byte, 256)); v != "" {
		t.Errorf("KeyVersion: got %q, as if the ciphertext told", v)
	}
}

func TestKeyID(t *testing.T) {
	w := newTestWrapper(t, Config{VaultName: "Prod", KeyName: "App"})
	if id, err := w.KeyId(t.Context()); id != "https://prod.vault.azure.net/keys/App" || err != nil {
		t.Errorf("KeyId: got %q, %v", id, err)
	}
	for _, c := range []struct{ id, version string }{
		{"https://prod.vault.azure.net/keys/App/" + version, version},
		{"https://PROD.vault.azure.net/keys/app/" + version, version},
		{"https://prod.vault.azure.net/keys/App/" + version + "x", ""},
		{"https://prod.vault.azure.net/keys/App/" + strings.ToUpper(version), ""},
		{"https://prod.vault.azure.net/keys/App/", ""},
		{"https://prod.vault.azure.net/keys/App", ""},
		{"https://prod.vault.azure.net/keys/App/x/" + version, ""},
		{"https://stage.vault.azure.net/keys/App/" + version, ""},
		{"https://prod.vault.azure.net.example.com/keys/App/" + version, ""},
		{"http://prod.vault.azure.net/keys/App/" + version, ""},
		{"", ""},
		{version, ""},
	} {
		got, err := w.versionOf(c.id)
		if got != c.version || (err == nil) != (c.version != "") {
			t.Errorf("versionOf(%q): got %q, %v; want %q", c.id, got, err, c.version)
		}
		if key, v := w.SplitKeyID(c.id); strings.Contains(c.id, "/") && w.JoinKeyID(key, v) != c.id {
			t.Errorf("%q is split into %q and %q", c.id, key, v)
		}
	}
}

func TestDecryptChecksBeforeItAsks(t *testing.T) {
	w := newTestWrapper(t, app())
	good := &wrapping.KeyInfo{KeyId: appURL + "/" + version}
	for _, c := range []struct {
		blob *wrapping.BlobInfo
		want string
	}{
		{nil, `wrapped under "", the config names "` + appURL + `"`},
		{&wrapping.BlobInfo{KeyInfo: &wrapping.KeyInfo{KeyId: appURL + "s/" + version}}, `wrapped under "` + appURL + `s/`},
		{&wrapping.BlobInfo{KeyInfo: good}, "malformed blob: azurekeyvault: 0 bytes"},
	} {
		_, err := w.Decrypt(t.Context(), c.blob)
		wantText(t, "Decrypt", err, c.want)
		if class, _ := w.Classify(err); class != wrappers.Never {
			t.Errorf("class of %v: got %v, want never", err, class)
		}
	}
}
