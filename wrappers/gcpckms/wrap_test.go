package gcpckms

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"cloud.google.com/go/kms/apiv1/kmspb"
	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// The calls themselves are in internal/e2e/gcpckms, through the driver. Here stands what goes wrong before a request, and
// what is made of an answer.

const keyName = "projects/my-project/locations/europe-west1/keyRings/sealwax/cryptoKeys/root"

func TestDecryptChecksBeforeItAsks(t *testing.T) {
	w := newWrapper(t, Config{Credentials: "/nowhere"}) // which a request would read
	good := make([]byte, 100)
	for _, c := range []struct{ id, want string }{
		{"", `wrapped under "", the config names "` + keyName + `"`},
		{keyName + "x", "the config names"},
		{strings.Replace(keyName, "my-project", "other", 1), `wrapped under "projects/other/`},
		{keyName + "/cryptoKeyVersions/", "malformed blob"},
		{keyName + "/cryptoKeyVersions/01", "the config names"},
		{keyName + "/cryptoKeyVersions/1/x", "the config names"},
		{keyName + "/cryptoKeyVersions/7", "malformed blob"},
		{keyName, "malformed blob"},
	} {
		blob := &wrapping.BlobInfo{Ciphertext: good, KeyInfo: &wrapping.KeyInfo{KeyId: c.id}}
		if c.want == "malformed blob" {
			blob.Ciphertext = good[:28]
		}
		_, err := w.Decrypt(t.Context(), blob)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.id, err, c.want)
		}
		if class, _ := w.Classify(err); class != wrappers.Never {
			t.Errorf("class of %v: got %v, want never", err, class)
		}
	}
	if _, err := w.Decrypt(t.Context(), nil); err == nil || !strings.Contains(err.Error(), `wrapped under ""`) {
		t.Errorf("nil: got %v", err)
	}
}

func TestOptionThatFails(t *testing.T) {
	w := newWrapper(t, Config{Credentials: "/nowhere"})
	fails := func() any {
		return wrapping.OptionFunc(func(*wrapping.Options) error { return errors.New("no such option") })
	}
	blob := &wrapping.BlobInfo{Ciphertext: make([]byte, 100), KeyInfo: &wrapping.KeyInfo{KeyId: keyName}}
	if _, err := w.Encrypt(t.Context(), []byte("root"), fails); err == nil || err.Error() != "gcpckms: read options: no such option" {
		t.Errorf("Encrypt: got %v", err)
	}
	if _, err := w.Decrypt(t.Context(), blob, fails); err == nil || err.Error() != "gcpckms: read options: no such option" {
		t.Errorf("Decrypt: got %v", err)
	}
}

func TestCheckCiphertext(t *testing.T) {
	w := new(Wrapper)
	for n, ok := range map[int]bool{0: false, 28: false, 29: true, 112: true, 1024: true, 1025: false} {
		if err := w.CheckCiphertext(make([]byte, n)); (err == nil) != ok {
			t.Errorf("%d bytes: got %v", n, err)
		}
	}
}

func TestKeyIDsAreSplitAndJoined(t *testing.T) {
	w := new(Wrapper)
	for _, c := range []struct{ id, key, version string }{
		{keyName + "/cryptoKeyVersions/12", keyName, "12"},
		{keyName, keyName, ""},
		{"", "", ""},
	} {
		key, version := w.SplitKeyID(c.id)
		if key != c.key || version != c.version || w.JoinKeyID(key, version) != c.id {
			t.Errorf("%q: got %q, %q", c.id, key, version)
		}
	}
	if got := w.KeyVersion([]byte("anything")); got != "" {
		t.Errorf("KeyVersion: got %q", got)
	}
}

func TestChecksums(t *testing.T) {
	data := []byte("123456789")
	if got := checksum(data).GetValue(); got != 0xe3069283 { // the check value of CRC-32C
		t.Errorf("checksum: got %#x", got)
	}
	if checksum(nil) != nil {
		t.Error("the checksum of nothing is sent")
	}
	request := &kmspb.EncryptRequest{AdditionalAuthenticatedDataCrc32C: checksum(data)}
	good := func() *kmspb.EncryptResponse {
		return &kmspb.EncryptResponse{Ciphertext: data, CiphertextCrc32C: checksum(data), VerifiedPlaintextCrc32C: true, VerifiedAdditionalAuthenticatedDataCrc32C: true}
	}
	if err := verifyEncrypted(request, good()); err != nil {
		t.Error(err)
	}
	if err := verifyEncrypted(new(kmspb.EncryptRequest), &kmspb.EncryptResponse{Ciphertext: data, CiphertextCrc32C: checksum(data), VerifiedPlaintextCrc32C: true}); err != nil {
		t.Errorf("without associated data: %v", err)
	}
	for _, c := range []struct {
		change func(*kmspb.EncryptResponse)
		want   string
	}{
		{func(r *kmspb.EncryptResponse) { r.VerifiedPlaintextCrc32C = false }, "did not confirm the checksum of the plaintext"},
		{func(r *kmspb.EncryptResponse) { r.VerifiedAdditionalAuthenticatedDataCrc32C = false }, "did not confirm the checksum of the associated data"},
		{func(r *kmspb.EncryptResponse) { r.CiphertextCrc32C = nil }, "the ciphertext from Cloud KMS does not have the checksum"},
		{func(r *kmspb.EncryptResponse) { r.Ciphertext = nil }, "the ciphertext from Cloud KMS does not have the checksum"},
		{func(r *kmspb.EncryptResponse) { r.Ciphertext = bytes.ToUpper([]byte("x")) }, "the ciphertext from Cloud KMS does not have the checksum"},
	} {
		answer := good()
		c.change(answer)
		wantDamaged(t, verifyEncrypted(request, answer), c.want)
	}
	wantDamaged(t, verifyDecrypted(&kmspb.DecryptResponse{Plaintext: data}), "the plaintext from Cloud KMS")
	wantDamaged(t, verifyDecrypted(&kmspb.DecryptResponse{PlaintextCrc32C: checksum(data)}), "the plaintext from Cloud KMS")
}

func wantDamaged(t *testing.T, err error, want string) {
	t.Helper()
	var damaged *checksumError
	if !errors.As(err, &damaged) || !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), "it was damaged on the way") {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestUsedAfterClose(t *testing.T) {
	w := newWrapper(t, Config{Credentials: account(t, "a@x")})
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Encrypt(t.Context(), []byte("root")); err == nil || !strings.Contains(err.Error(), "used after Close") {
		t.Errorf("Encrypt: got %v", err)
	}
	if _, err := w.Inspect(t.Context()); err == nil || !strings.Contains(err.Error(), "used after Close") {
		t.Errorf("Inspect: got %v", err)
	}
	if _, err := w.SetConfig(t.Context()); err == nil {
		t.Error("SetConfig: got no error")
	}
}
