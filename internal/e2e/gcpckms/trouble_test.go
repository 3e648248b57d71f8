package gcpckms

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"

	"github.com/sealwax/sealwax/internal/e2e/gcpserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
)

func TestCloudKMSInTrouble(t *testing.T) {
	s := start(t)
	k := newKEK(t, s.config())
	w := wrap(t, k)
	for _, c := range []struct {
		name    string
		disturb func()
		class   wrappers.Class
		want    []string
	}{
		{"API disabled", func() {
			s.Refuse(codes.PermissionDenied, "Cloud Key Management Service (KMS) API has not been used in project 98765 before or it is disabled.",
				&errdetails.ErrorInfo{Reason: "SERVICE_DISABLED", Domain: "googleapis.com", Metadata: map[string]string{"consumer": "projects/98765"}})
		}, wrappers.Ask, []string{"Cloud KMS answered PermissionDenied: Cloud Key Management", "gcloud services enable cloudkms.googleapis.com --project=98765"}},
		{"not authenticated", func() { s.Refuse(codes.Unauthenticated, "Request is missing required authentication credential.") }, wrappers.Ask,
			[]string{"gcloud iam service-accounts keys create FILE --iam-account=" + s.account.Email}},
		{"overloaded", func() { s.Refuse(codes.Unavailable, "The service is currently unavailable.") }, wrappers.Later,
			[]string{"Cloud KMS answered Unavailable: The service is currently unavailable."}},
		{"quota", func() { s.Throttle(1) }, wrappers.Later, []string{"Cloud KMS answered ResourceExhausted: Quota exceeded"}},
		{"error", func() { s.Fail(1) }, wrappers.Later, []string{"Cloud KMS answered Internal"}},
		{"cut", func() { s.Cut(1) }, wrappers.Later, []string{"check that cloudkms.googleapis.com can be reached"}},
		{"damaged request", func() { s.Damage("request") }, wrappers.Later, []string{"The checksum in field ciphertext_crc32c did not match"}},
		{"damaged plaintext", func() { s.Damage("plaintext") }, wrappers.Later, []string{"the plaintext from Cloud KMS does not have the checksum that came with it: it was damaged on the way"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer s.Restore()
			before, conns := s.Count(), s.Connections()
			c.disturb()
			_, err := k.Unwrap(t.Context(), w, kektest.AAD)
			wantError(t, err, c.class, c.want...)
			if n := s.Count() - before; n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
			s.Restore()
			wantOpen(t, k, w)
			if n := s.Connections() - conns; c.name != "cut" && n != 0 {
				t.Errorf("%d new connections, want none: the old one is good", n)
			}
		})
	}
}

func TestDamageWhileWrapping(t *testing.T) {
	s := start(t)
	k := newKEK(t, s.config())
	for what, want := range map[string]string{
		"request":      "The checksum in field plaintext_crc32c did not match",
		"ciphertext":   "the ciphertext from Cloud KMS does not have the checksum that came with it",
		"checksum":     "Cloud KMS did not confirm the checksum of the plaintext",
		"aad checksum": "Cloud KMS did not confirm the checksum of the associated data",
	} {
		s.Damage(what)
		_, err := k.Wrap(t.Context(), kektest.Root, kektest.AAD)
		wantError(t, err, wrappers.Later, want, "look for a proxy or a network card that changes data")
		s.Restore()
	}
	s.Damage("name")
	_, err := k.Wrap(t.Context(), kektest.Root, kektest.AAD)
	wantError(t, err, wrappers.Ask, "Cloud KMS encrypted with \"projects/sealwax-test/locations/europe-west1/keyRings/sealwax/cryptoKeys/not-app/cryptoKeyVersions/1\", the config names")
	s.Restore()
	wrap(t, k)
}

func TestVersionsAndStates(t *testing.T) {
	s := start(t)
	k := newKEK(t, s.config())
	old := wrap(t, k)
	s.Rotate(t, key)
	next := wrap(t, k)
	if old.KeyVersion != "1" || next.KeyVersion != "2" || old.KeyID != next.KeyID {
		t.Errorf("got versions %s and %s of %s and %s", old.KeyVersion, next.KeyVersion, old.KeyID, next.KeyID)
	}
	flags := "--key=app --keyring=sealwax --location=europe-west1 --project=sealwax-test"
	for _, c := range []struct {
		state gcpserver.State
		class wrappers.Class
		want  string
	}{
		{kmspb.CryptoKeyVersion_DISABLED, wrappers.Ask, "gcloud kms keys versions enable 1 " + flags},
		{kmspb.CryptoKeyVersion_DESTROY_SCHEDULED, wrappers.Ask, "gcloud kms keys versions restore 1 " + flags},
		{kmspb.CryptoKeyVersion_DESTROYED, wrappers.Never, "what this version wrapped is lost"},
	} {
		s.SetState(key, 1, c.state)
		_, err := k.Unwrap(t.Context(), old, kektest.AAD)
		wantError(t, err, c.class, "cryptoKeyVersions/1 is not enabled, current state is: "+c.state.String(), c.want)
		wantOpen(t, k, next) // of the primary version
	}
	s.SetState(key, 2, kmspb.CryptoKeyVersion_DESTROYED)
	_, err := k.Wrap(t.Context(), kektest.Root, kektest.AAD)
	wantError(t, err, wrappers.Ask, "gcloud kms keys versions create --primary "+flags)
	s.RemovePrimary(key)
	_, err = k.Wrap(t.Context(), kektest.Root, kektest.AAD)
	wantError(t, err, wrappers.Ask, "does not have a primary version", "gcloud kms keys versions create --primary "+flags)
}

func TestKeysThatDoNotFit(t *testing.T) {
	s := start(t)
	s.CreateSigningKey(t, gcpserver.KeyName(project, "signing"))
	for name, want := range map[string][]string{
		"signing": {"ASYMMETRIC_SIGN", "use a key with the purpose encryption"},
		"nowhere": {"cryptoKeys/nowhere not found", "gcloud kms keys list --keyring=sealwax --location=europe-west1 --project=sealwax-test"},
	} {
		c := s.config()
		c.CryptoKey = name
		_, err := newKEK(t, c).Wrap(t.Context(), kektest.Root, kektest.AAD)
		wantError(t, err, wrappers.Ask, want...)
	}
}

// The library alone would go on failing for up to two minutes after an outage, and for a quarter of an hour on a connection
// that a firewall has forgotten.
func TestOutageThatEnds(t *testing.T) {
	s := start(t)
	k := newKEK(t, s.config())
	w := wrap(t, k)
	for name, disturb := range map[string]func(){
		"nobody listens": func() {
			proxy.Route(gcpserver.Host+":443", "127.0.0.1:1")
			proxy.Sever(gcpserver.Host + ":443")
		},
		"no route": func() {
			proxy.Route(gcpserver.Host+":443", "")
			proxy.Sever(gcpserver.Host + ":443")
		},
		"dead connection": s.Silence,
	} {
		t.Run(name, func(t *testing.T) {
			disturb()
			for range 3 {
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				_, err := k.Unwrap(ctx, w, kektest.AAD)
				cancel()
				wantError(t, err, wrappers.Later, "check that cloudkms.googleapis.com can be reached on port 443, directly or through HTTPS_PROXY")
			}
			s.Trust()
			s.Restore()
			began := time.Now()
			wantOpen(t, k, w)
			if took := time.Since(began); took > time.Second {
				t.Errorf("the first call after the outage took %v", took)
			}
		})
	}
}

func TestConnectionThatBreaksBetweenCalls(t *testing.T) {
	s := start(t)
	k, err := wrappers.New(newWrapper(t, s.config()), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	w := wrap(t, k)
	before := s.Connections()
	proxy.Sever(gcpserver.Host + ":443")
	wantOpen(t, k, w)
	if n := s.Connections() - before; n != 1 {
		t.Errorf("%d new connections, want 1", n)
	}
}

func TestOtherCertificates(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, s.config()))
	k := newKEK(t, s.config())
	s.Distrust(t)
	_, err := k.Unwrap(t.Context(), w, kektest.AAD)
	wantError(t, err, wrappers.Ask, "certificate signed by unknown authority", "add its authority to the system's")
	s.Trust()
	wantOpen(t, k, w) // without a new wrapper, and at once
}

// What stands before Cloud KMS may answer with a page that repeats the request, or in gRPC's own form.
func TestAnswerThatRepeatsTheRequest(t *testing.T) {
	s := start(t)
	k := newKEK(t, s.config())
	w := wrap(t, k)
	const begin = "eyJ" // of a token that a service account has signed itself
	for status, class := range map[int]wrappers.Class{
		http.StatusOK: wrappers.Ask, http.StatusForbidden: wrappers.Ask, http.StatusUnauthorized: wrappers.Ask, http.StatusBadGateway: wrappers.Later,
	} {
		s.AnswerAsProxy(status)
		_, err := k.Unwrap(t.Context(), w, kektest.AAD)
		wantError(t, err, class, "unexpected")
		wantNoSecret(t, err, begin)
		s.Restore()
		wantOpen(t, k, w)
	}
	for _, said := range []string{"you asked: Bearer " + begin + "hbGciOi.eyJpc3Mi.c2lnbmVk", "you asked: Bearer ya29.a0ARrdaM"} {
		s.Refuse(codes.PermissionDenied, said)
		_, err := k.Unwrap(t.Context(), w, kektest.AAD)
		wantError(t, err, wrappers.Ask, "Cloud KMS answered PermissionDenied: you asked: Bearer [token]")
	}
}

func TestLoginInTrouble(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, s.config()))
	c := s.config()
	c.Credentials = filepath.Join(t.TempDir(), "person.json")
	refresh := s.NewPerson(t, c.Credentials)
	s.Forget()
	k := newKEK(t, c)
	before := s.Count()
	_, err := k.Unwrap(t.Context(), w, kektest.AAD)
	if tokens, all := s.Count("token"), s.Count()-before; tokens != 1 || all != 1 {
		t.Errorf("%d tokens, %d requests; want 1, 1", tokens, all)
	}
	wantError(t, err, wrappers.Ask, "invalid_grant", "token has been expired or revoked", "gcloud auth application-default login")
	wantNoSecret(t, err, refresh)

	proxy.Route(gcpserver.TokenHost+":443", "")
	proxy.Sever(gcpserver.TokenHost + ":443")
	defer s.Trust()
	_, err = k.Unwrap(t.Context(), w, kektest.AAD)
	wantError(t, err, wrappers.Later, "check that the endpoint of the token can be reached: oauth2.googleapis.com")

	s.Trust()
	s.NewPerson(t, c.Credentials) // gcloud auth application-default login
	wantOpen(t, k, w)
}
