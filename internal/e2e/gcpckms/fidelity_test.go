package gcpckms

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"google.golang.org/grpc/codes"

	"github.com/sealwax/sealwax/internal/e2e/gcpserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
)

// That our server is not just what the Go library makes of it, Google's JavaScript library shows: it logs in, reads and
// writes messages, and verifies checksums by code of its own.

type request struct {
	Operation   string   `json:"operation"`
	Credentials string   `json:"credentials"`
	Name        string   `json:"name"`
	Plaintext   []byte   `json:"plaintext"`
	Ciphertext  []byte   `json:"ciphertext"`
	AAD         []byte   `json:"aad"`
	CRC         *uint32  `json:"crc,omitempty"` // another checksum of the ciphertext than the right one
	Permissions []string `json:"permissions,omitempty"`
}

type answer struct {
	Name        string
	Data        []byte
	Primary     bool
	State       string
	Purpose     string
	Permissions []string

	Code    codes.Code // of an error
	Reason  string
	Message string
}

// javaScript has Google's library do it.
func (s *site) javaScript(t *testing.T, r request) answer {
	t.Helper()
	r.Credentials = s.account.File
	if r.Name == "" {
		r.Name = key
	}
	var a answer
	kektest.Node(t, proxy.Environ(nil), "gcp.mjs", r, &a)
	return a
}

func TestJavaScriptOpensWhatWeWrap(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, s.config()))
	before := s.Count()
	got := s.javaScript(t, request{Operation: "decrypt", Ciphertext: w.Blob, AAD: kektest.AAD})
	if !bytes.Equal(got.Data, kektest.Root) || !got.Primary {
		t.Fatalf("got %+v, want the root", got)
	}
	if n := s.Count() - before; n != 1 {
		t.Errorf("%d requests, want 1: it too signs its own tokens", n)
	}
	s.Rotate(t, key)
	if got := s.javaScript(t, request{Operation: "decrypt", Ciphertext: w.Blob, AAD: kektest.AAD}); !bytes.Equal(got.Data, kektest.Root) || got.Primary {
		t.Errorf("after a rotation: got %+v, want the root by a version that is not the primary one", got)
	}
}

func TestWeOpenWhatJavaScriptWraps(t *testing.T) {
	s := start(t)
	s.Rotate(t, key)
	got := s.javaScript(t, request{Operation: "encrypt", Plaintext: kektest.Root, AAD: kektest.AAD})
	if got.Name != key+"/cryptoKeyVersions/2" {
		t.Fatalf("got %+v, want version 2", got)
	}
	wantOpen(t, newKEK(t, s.config()), &wrappers.Wrapped{Scheme: "gcp-kms/1", KeyID: key, KeyVersion: "2", Blob: got.Data})
}

func TestJavaScriptIsRefusedAsWeAre(t *testing.T) {
	s := start(t)
	s.CreateKey(t, gcpserver.KeyName(project, "other"))
	w := wrap(t, newKEK(t, s.config()))
	damaged := bytes.Clone(w.Blob)
	damaged[len(damaged)-1] ^= 1
	wrong := uint32(1)
	decrypt := request{Operation: "decrypt", Ciphertext: w.Blob, AAD: kektest.AAD}
	with := func(change func(*request)) request {
		r := decrypt
		change(&r)
		return r
	}
	for _, c := range []struct {
		name    string
		disturb func()
		request request
		code    codes.Code
		reason  string
		want    string
	}{
		{"other context", func() {}, with(func(r *request) { r.AAD = []byte("x") }), codes.InvalidArgument, "", "Decryption failed: the ciphertext is invalid."},
		{"damaged", func() {}, with(func(r *request) { r.Ciphertext = damaged }), codes.InvalidArgument, "", "Decryption failed: the ciphertext is invalid."},
		{"other key", func() {}, with(func(r *request) { r.Name = gcpserver.KeyName(project, "other") }), codes.InvalidArgument, "", "verify that 'name' refers to the correct CryptoKey."},
		{"no key", func() {}, with(func(r *request) { r.Name = gcpserver.KeyName(project, "none") }), codes.NotFound, "", "cryptoKeys/none not found."},
		{"wrong checksum", func() {}, with(func(r *request) { r.CRC = &wrong }), codes.InvalidArgument, "", "The checksum in field ciphertext_crc32c did not match"},
		{"damaged on the way", func() { s.Damage("plaintext") }, decrypt, 0, "", "the checksum of the plaintext is wrong"},
		{"denied", func() { s.Revoke(gcpserver.UseToDecrypt) }, decrypt, codes.PermissionDenied, "IAM_PERMISSION_DENIED", "Permission '" + gcpserver.UseToDecrypt + "' denied on resource '" + key + "'"},
		{"throttled", func() { s.Throttle(9) }, decrypt, codes.ResourceExhausted, "RATE_LIMIT_EXCEEDED", "Quota exceeded"},
		{"disabled", func() { s.SetState(key, 1, kmspb.CryptoKeyVersion_DISABLED) }, decrypt, codes.FailedPrecondition, "", "is not enabled, current state is: DISABLED."},
		{"key of the account revoked", func() { s.account.Revoke() }, decrypt, codes.Unauthenticated, "", "Request had invalid authentication credentials."},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer s.Restore()
			c.disturb()
			got := s.javaScript(t, c.request)
			if got.Code != c.code || !strings.Contains(got.Message, c.want) || c.reason != "" && got.Reason != c.reason {
				t.Errorf("got %v, %q, %q; want %v, %q, %q", got.Code, got.Reason, got.Message, c.code, c.reason, c.want)
			}
			if got.Data != nil {
				t.Error("got a plaintext too")
			}
		})
	}
}

func TestJavaScriptSeesTheKey(t *testing.T) {
	s := start(t)
	got := s.javaScript(t, request{Operation: "get"})
	if got.Name != key+"/cryptoKeyVersions/1" || got.State != "ENABLED" || got.Purpose != "ENCRYPT_DECRYPT" {
		t.Errorf("got %+v", got)
	}
	s.Revoke(gcpserver.UseToEncrypt)
	got = s.javaScript(t, request{Operation: "permissions", Permissions: []string{gcpserver.UseToEncrypt, gcpserver.UseToDecrypt}})
	if want := []string{gcpserver.UseToDecrypt}; !slices.Equal(got.Permissions, want) {
		t.Errorf("permissions: got %v, want %v", got, want)
	}
}
