package awskms

import (
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/e2e/awsserver"
	"github.com/sealwax/sealwax/wrappers"
)

func TestInspect(t *testing.T) {
	cert, _ := overTLS(t)
	s := awsserver.New(&cert)
	t.Cleanup(s.Close)
	s.URL = onLocalhost(s.URL)
	f := withKeys(t, s)
	f.RotateEvery(f.app, 365)
	t.Setenv("AWS_ENDPOINT_URL_STS", s.URL)
	k := newKEK(t, f.config())
	got, err := k.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := f.Count(); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
	next := time.Now().AddDate(0, 0, 365).UTC().Format(time.DateOnly)
	for _, c := range []struct{ what, got, want string }{
		{"endpoint", got.Endpoint, s.URL},
		{"identity", got.Identity, "arn:aws:sts::111122223333:assumed-role/app/test"},
		{"credentials", got.Credentials, "the file " + f.file},
		{"state", string(got.State), "enabled"},
		{"detail", got.StateDetail, "Enabled"},
		{"rotation", got.Rotation, "automatic every 365 days, next on " + next},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
	if got.Certificate == nil || got.Certificate.Subject.CommonName != "sealwax test server" {
		t.Errorf("certificate: got %v", got.Certificate)
	}
	if d := got.LocalTime.Sub(got.ServerTime).Abs(); d > time.Minute || !got.Expires.IsZero() {
		t.Errorf("times: %v apart, credentials end %v", d, got.Expires)
	}
	wantRights(t, got, "kms:DescribeKey", "", "kms:GetKeyRotationStatus", "", "sts:GetCallerIdentity", "")
}

// wantRights wants these names, each with a text of its error.
func wantRights(t *testing.T, got *wrappers.Inspection, pairs ...string) {
	t.Helper()
	if len(got.Rights) != len(pairs)/2 {
		t.Fatalf("rights: got %v", got.Rights)
	}
	for i, r := range got.Rights {
		name, want := pairs[2*i], pairs[2*i+1]
		if r.Name != name || (r.Err == nil) != (want == "") || want != "" && !strings.Contains(r.Err.Error(), want) {
			t.Errorf("right %d: got %v; want %s with error %q", i, r, name, want)
		}
	}
}

func TestInspectTroubles(t *testing.T) {
	f := newFake(t)
	c, _ := identityConfig(t, f)
	k := newKEK(t, c)
	f.Delete(f.app)
	got, err := k.Inspect(t.Context())
	gone := time.Now().Add(7 * 24 * time.Hour).UTC().Format(time.DateOnly)
	if err != nil || got.State != wrappers.KeyPendingDeletion || got.StateDetail != "PendingDeletion, gone on "+gone || got.Rotation != "off" || got.Certificate != nil {
		t.Errorf("a key that goes: got %+v, %v", got, err)
	}
	if left := time.Until(got.Expires); left < 50*time.Minute || left > 61*time.Minute || !got.Renewed {
		t.Errorf("credentials end in %v, renewed %v; want an hour, and that they are", left, got.Renewed)
	}
	f.Disable(f.app)
	if got, err := k.Inspect(t.Context()); err != nil || got.State != wrappers.KeyDisabled {
		t.Errorf("a disabled key: got %+v, %v", got, err)
	}

	f.Deny("DescribeKey", "GetKeyRotationStatus")
	got, err = k.Inspect(t.Context())
	if err != nil || got.State != "" || got.Rotation != "" || got.ServerTime.IsZero() {
		t.Errorf("denied: got %+v, %v", got, err)
	}
	wantRights(t, got, "kms:DescribeKey", "allow kms:DescribeKey on alias/app", "sts:GetCallerIdentity", "")
	c.KeyID = f.app // of an alias KMS does not tell how it rotates
	got, err = newKEK(t, c).Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantRights(t, got, "kms:DescribeKey", "allow kms:DescribeKey on "+f.app, "kms:GetKeyRotationStatus", "allow kms:GetKeyRotationStatus", "sts:GetCallerIdentity", "")

	f.Cut(1000)
	if got, err := newKEK(t, f.config()).Inspect(t.Context()); got == nil && err == nil {
		t.Error("cut: got nothing at all")
	}
	t.Setenv("AWS_ENDPOINT_URL_STS", "")
	f.Restore()
	before := f.Count()
	if got, err := newKEK(t, f.config()).Inspect(t.Context()); err != nil || got.Identity != "" || f.Count() != before+2 {
		t.Errorf("with an endpoint of KMS alone: got %+v, %v after %d requests", got, err, f.Count()-before)
	}
	f.Close()
	if got, err := newKEK(t, f.config()).Inspect(t.Context()); got != nil || err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("with nobody there: got %+v, %v", got, err)
	}
}
