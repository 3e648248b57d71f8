package gcpckms

import (
	"context"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/kms/apiv1/kmspb"

	"github.com/sealwax/sealwax/internal/e2e/gcpserver"
	"github.com/sealwax/sealwax/wrappers"
)

func inspect(t *testing.T, s *site) *wrappers.Inspection {
	t.Helper()
	found, err := newKEK(t, s.config()).Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestInspect(t *testing.T) {
	s := start(t)
	s.Rotate(t, key)
	s.SetRotation(key, 365*24*time.Hour, time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC))
	before := s.Count()
	found := inspect(t, s)
	if n := s.Count() - before; n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
	for _, c := range []struct{ what, got, want string }{
		{"endpoint", found.Endpoint, "https://cloudkms.googleapis.com:443"},
		{"identity", found.Identity, s.account.Email},
		{"credentials", found.Credentials, s.account.File + " (service_account, from the config)"},
		{"state", string(found.State), "enabled"},
		{"detail", found.StateDetail, "primary version 2 ENABLED"},
		{"rotation", found.Rotation, "automatic every 365 days, next on 2027-01-02"},
		{"version", found.Version, "2"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
	if found.Certificate == nil || found.Certificate.VerifyHostname(gcpserver.Host) != nil {
		t.Errorf("certificate: got %v", found.Certificate)
	}
	if skew := found.LocalTime.Sub(found.ServerTime); found.ServerTime.IsZero() || skew < -time.Second || skew > 5*time.Second {
		t.Errorf("server's time: got %v, ours is %v", found.ServerTime, found.LocalTime)
	}
	for _, right := range found.Rights {
		if right.Err != nil {
			t.Errorf("right %s: %v", right.Name, right.Err)
		}
	}
	if len(found.Rights) != 3 {
		t.Errorf("got %d rights, want 3", len(found.Rights))
	}
}

func TestInspectStates(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		state  gcpserver.State
		want   wrappers.KeyState
		detail string
	}{
		{kmspb.CryptoKeyVersion_DISABLED, wrappers.KeyDisabled, "primary version 1 DISABLED"},
		{kmspb.CryptoKeyVersion_DESTROY_SCHEDULED, wrappers.KeyPendingDeletion, "primary version 1 DESTROY_SCHEDULED on " + time.Now().Add(30*24*time.Hour).UTC().Format(time.DateOnly)},
		{kmspb.CryptoKeyVersion_DESTROYED, wrappers.KeyDestroyed, "primary version 1 DESTROYED"},
	} {
		s.SetState(key, 1, c.state)
		if found := inspect(t, s); found.State != c.want || found.StateDetail != c.detail || found.Rotation != "off" {
			t.Errorf("got %q, %q, %q; want %q, %q, off", found.State, found.StateDetail, found.Rotation, c.want, c.detail)
		}
	}
	s.RemovePrimary(key)
	if found := inspect(t, s); found.State != "" || found.StateDetail != "purpose ENCRYPT_DECRYPT, no primary version" {
		t.Errorf("without a primary version: got %q, %q", found.State, found.StateDetail)
	}
}

func TestInspectWithoutRights(t *testing.T) {
	s := start(t)
	s.Revoke(gcpserver.UseToEncrypt, gcpserver.Get)
	found := inspect(t, s)
	want := []struct {
		name  string
		texts []string
	}{
		{gcpserver.UseToEncrypt, []string{"not granted: " + gcpserver.UseToEncrypt, "--role=roles/cloudkms.cryptoKeyEncrypterDecrypter"}},
		{gcpserver.UseToDecrypt, nil},
		{gcpserver.Get, []string{"Permission 'cloudkms.cryptoKeys.get' denied", "--member=serviceAccount:" + s.account.Email + " --role=roles/cloudkms.viewer"}},
	}
	for i, right := range found.Rights {
		if right.Name != want[i].name || (right.Err == nil) != (want[i].texts == nil) {
			t.Errorf("right %d: got %s, %v; want %s", i, right.Name, right.Err, want[i].name)
		}
		for _, text := range want[i].texts {
			if right.Err == nil || !strings.Contains(right.Err.Error(), text) {
				t.Errorf("right %s: got %v, want %q", right.Name, right.Err, text)
			}
		}
	}
	if found.State != "" || found.Identity != s.account.Email {
		t.Errorf("got state %q, identity %q", found.State, found.Identity)
	}
}

func TestInspectLearnsNothing(t *testing.T) {
	s := start(t)
	k := newKEK(t, s.config())
	s.account.Revoke()
	found, err := k.Inspect(t.Context())
	wantError(t, err, wrappers.Ask, "inspect with gcpckms", "Request had invalid authentication credentials")
	if found == nil || found.Endpoint != "https://cloudkms.googleapis.com:443" {
		t.Errorf("got %+v, want the endpoint all the same", found)
	}
	s.account.Renew(t)
	s.Damage("name")
	_, err = k.Inspect(t.Context())
	wantError(t, err, wrappers.Ask, "Cloud KMS answered with another key than was asked for")
	s.Restore()
	s.Silence()
	wantInTime(t, 300*time.Millisecond, func(ctx context.Context) {
		_, err := k.Inspect(ctx)
		wantError(t, err, wrappers.Later, "deadline exceeded")
	})
	s.Restore()
	if found, err := k.Inspect(t.Context()); err != nil || found.State != wrappers.KeyEnabled {
		t.Errorf("with new credentials: got %v, %v", found, err)
	}
}
