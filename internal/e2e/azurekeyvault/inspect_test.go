package azurekeyvault

import (
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/wrappers"
)

func inspect(t *testing.T, k *wrappers.KEK) *wrappers.Inspection {
	t.Helper()
	found, err := k.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestInspect(t *testing.T) {
	s := start(t)
	version := s.Rotate(t, "prod", "app", 2048)
	s.SetRotationPolicy(t, "prod", "app", "P90D")
	k := newKEK(t, config())
	var found *wrappers.Inspection
	wantCalls(t, s, "Inspect, and the login", calls{"challenge": 1, "discovery": 2, "token": 1, "get": 1, "rotationpolicy": 1}, func() {
		found = inspect(t, k)
	})
	if found.Endpoint != "https://prod.vault.azure.net" || found.State != wrappers.KeyEnabled || found.Version != version || found.Rotation != "automatic, P90D after a version was made" {
		t.Errorf("got %+v", found)
	}
	if want := "application " + azureserver.Client + " (object 5f1d3c2b-0000-4000-8000-000000000001) of tenant " + azureserver.Tenant; found.Identity != want {
		t.Errorf("identity: got %q, want %q", found.Identity, want)
	}
	if found.Credentials != "client_secret of the config" || !found.Expires.IsZero() {
		t.Errorf("credentials: got %q until %v", found.Credentials, found.Expires)
	}
	if found.Certificate == nil || found.Certificate.VerifyHostname("prod.vault.azure.net") != nil {
		t.Errorf("certificate: got %v", found.Certificate)
	}
	if skew := found.LocalTime.Sub(found.ServerTime); skew < -2*time.Second || skew > 2*time.Second {
		t.Errorf("the clocks of one machine differ by %v", skew)
	}
	wantRights(t, found, map[string]string{"Microsoft.KeyVault/vaults/keys/read": "", "Microsoft.KeyVault/vaults/keyrotationpolicies/read": ""})
}

// wantRights wants exactly these rights, each allowed ("") or refused with an error that has this text.
func wantRights(t *testing.T, found *wrappers.Inspection, want map[string]string) {
	t.Helper()
	if len(found.Rights) != len(want) {
		t.Errorf("got %d rights, want %d: %v", len(found.Rights), len(want), found.Rights)
	}
	for _, r := range found.Rights {
		text, ok := want[r.Name]
		if !ok || text == "" && r.Err != nil {
			t.Errorf("%s: got %v", r.Name, r.Err)
		}
		if text != "" {
			wantError(t, r.Err, wrappers.Ask, text)
		}
	}
}

func TestInspectAKeyThatIsNotWell(t *testing.T) {
	s := start(t)
	k := newKEK(t, config())
	for _, c := range []struct {
		name   string
		change func()
		state  wrappers.KeyState
		detail string
		rights map[string]string
	}{
		{"disabled", func() { s.Enable(t, "prod", "app", false) }, wrappers.KeyDisabled, "", map[string]string{"Microsoft.KeyVault/vaults/keys/read": "", "Microsoft.KeyVault/vaults/keyrotationpolicies/read": ""}},
		{"expires", func() { s.SetExpiry(t, "prod", "app", time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)) }, wrappers.KeyEnabled, "expires on 2030-01-02", map[string]string{"Microsoft.KeyVault/vaults/keys/read": "", "Microsoft.KeyVault/vaults/keyrotationpolicies/read": ""}},
		{"deleted", func() { s.Delete(t, "prod", "app") }, wrappers.KeyPendingDeletion, "deleted, can be recovered until " + time.Now().UTC().AddDate(0, 0, 90).Format(time.DateOnly), map[string]string{}},
		{"may not be read", func() { s.Deny(t, "prod", "ForbiddenByRbac", "get") }, "", "", map[string]string{"Microsoft.KeyVault/vaults/keys/read": "403 Forbidden (ForbiddenByRbac)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer mend(t, s)
			c.change()
			found := inspect(t, k)
			if found.State != c.state || found.StateDetail != c.detail || found.Certificate == nil || found.ServerTime.IsZero() || found.Identity == "" {
				t.Errorf("got %+v", found)
			}
			wantRights(t, found, c.rights)
		})
	}
}

func TestInspectAKeyThatIsNotThere(t *testing.T) {
	start(t)
	c := config()
	c.KeyName = "gone"
	found := inspect(t, newKEK(t, c))
	if found.State != "" || found.StateDetail != "there is no such key" {
		t.Errorf("got %+v", found)
	}
	wantRights(t, found, map[string]string{"Microsoft.KeyVault/vaults/keys/read": "404 KeyNotFound"})
}

func TestInspectLearnsNothing(t *testing.T) {
	s := start(t)
	s.ExpireSecret(secret)
	found, err := newKEK(t, config()).Inspect(t.Context())
	wantError(t, err, wrappers.Ask, "inspect with azurekeyvault", "AADSTS7000222")
	if found != nil {
		t.Errorf("got %+v", found)
	}
}
