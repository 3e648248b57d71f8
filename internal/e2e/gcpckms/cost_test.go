package gcpckms

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
)

func TestWhatEachCallCosts(t *testing.T) {
	s := start(t)
	before, refused := s.Connections(), proxy.Refused()
	k := newKEK(t, s.config())
	if err := k.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, conns := s.Count(), s.Connections()-before; n != 0 || conns != 0 {
		t.Errorf("New and Check: %d requests over %d connections, want none", n, conns)
	}
	w := wrap(t, k)
	if e, d, all := s.Count("encrypt"), s.Count("decrypt"), s.Count(); e != 1 || d != 1 || all != 2 {
		t.Errorf("Wrap: %d encrypt, %d decrypt, %d requests; want 1, 1, 2", e, d, all)
	}
	for range 10 {
		wantOpen(t, k, w)
	}
	if n := s.Connections() - before; n != 1 {
		t.Errorf("12 requests over %d connections, want 1", n)
	}
	wantOpen(t, newKEK(t, s.config()), w)
	if d, all := s.Count("decrypt"), s.Count(); d != 12 || all != 13 {
		t.Errorf("Unwrap after a restart: %d decrypt, %d requests more; want 1, 1: no login, no probe", d-11, all-12)
	}
	if got := proxy.Refused(); !slices.Equal(got, refused) {
		t.Errorf("somebody wanted to talk to others: %v, before %v", got, refused)
	}
}

// A person's credentials, and those of a federation, fetch a token. It is the only thing beyond the one request.
func TestCredentialsThatLogIn(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, s.config()))
	c := s.config()
	c.Credentials = filepath.Join(t.TempDir(), "person.json")
	s.NewPerson(t, c.Credentials)
	before := s.Count()
	k := newKEK(t, c)
	wantOpen(t, k, w)
	wantOpen(t, k, w)
	if tokens, all := s.Count("token"), s.Count()-before; tokens != 1 || all != 3 {
		t.Errorf("2 unwraps: %d tokens, %d requests; want 1, 3", tokens, all)
	}
}

func TestWhatIsStored(t *testing.T) {
	s := start(t)
	c := s.config()
	c.UserAgent = "sealwax-test/1.2"
	w := wrap(t, newKEK(t, c))
	if w.Scheme != "gcp-kms/1" || w.KeyID != key || w.KeyVersion != "1" || !bytes.HasPrefix(w.Blob, []byte{0x0a, 0x24}) {
		t.Errorf("got %s, %s, %s, %x; want gcp-kms/1, %s, 1, 0a24…", w.Scheme, w.KeyID, w.KeyVersion, w.Blob[:2], key)
	}
	if !s.SawAgent("sealwax-test/1.2") {
		t.Error("the server did not see the user agent")
	}
}

// The driver lets them win over what it is given.
func TestVariablesDoNotMoveTheKey(t *testing.T) {
	s := start(t)
	for name, value := range map[string]string{
		"GOOGLE_CREDENTIALS": "/nowhere/gcp.json", "GOOGLE_APPLICATION_CREDENTIALS": "/nowhere/gcp.json",
		"GOOGLE_PROJECT": "other", "GOOGLE_REGION": "other",
		"GCPCKMS_WRAPPER_KEY_RING": "other", "VAULT_GCPCKMS_SEAL_KEY_RING": "other",
		"GCPCKMS_WRAPPER_CRYPTO_KEY": "other", "VAULT_GCPCKMS_SEAL_CRYPTO_KEY": "other",
	} {
		t.Setenv(name, value)
	}
	if w := wrap(t, newKEK(t, s.config())); w.KeyID != key {
		t.Errorf("wrapped under %s, want %s", w.KeyID, key)
	}
}

func TestReaderNeedsDecryptAlone(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, s.config()))
	s.Revoke("cloudkms.cryptoKeyVersions.useToEncrypt", "cloudkms.cryptoKeys.get")
	k := newKEK(t, s.config())
	wantOpen(t, k, w)
	_, err := k.Wrap(t.Context(), kektest.Root, kektest.AAD)
	wantError(t, err, wrappers.Ask, "Permission 'cloudkms.cryptoKeyVersions.useToEncrypt' denied", "--role=roles/cloudkms.cryptoKeyEncrypterDecrypter")
}
