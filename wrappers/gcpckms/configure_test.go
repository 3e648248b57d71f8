package gcpckms

import (
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/settingstest"
	"github.com/sealwax/sealwax/wrappers"
)

func settings(pairs ...any) *wrappers.Settings { return settingstest.Of("gcpckms.eu", pairs...) }

var good = []any{"project", "my-project", "region", "europe-west1", "key_ring", "sealwax", "crypto_key", "root"}

func configured(t *testing.T, pairs ...any) (*Wrapper, *wrappers.Settings) {
	t.Helper()
	s := settings(pairs...)
	w, err := Configure(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return w.(*Wrapper), s
}

func TestEverySetting(t *testing.T) {
	w, s := configured(t, append(good, "credentials", "gcp.json", "user_agent", "sealwax/1", "key_not_required", "true")...)
	want := Config{Credentials: "/etc/app/gcp.json", Project: "my-project", Region: "europe-west1", KeyRing: "sealwax", CryptoKey: "root", UserAgent: "sealwax/1"}
	if w.config != want {
		t.Errorf("got %+v, want %+v", w.config, want)
	}
	if id, err := w.KeyId(t.Context()); err != nil || id != "projects/my-project/locations/europe-west1/keyRings/sealwax/cryptoKeys/root" {
		t.Errorf("key ID: got %q, %v", id, err)
	}
	if len(s.Warnings()) > 0 {
		t.Errorf("warnings: got %q", s.Warnings())
	}
	if w, _ = configured(t, append(good, "credentials", "file:///run/gcp.json")...); w.config.Credentials != "/run/gcp.json" {
		t.Errorf("credentials with file://: got %q", w.config.Credentials)
	}
}

func TestSettingsThatAreRefused(t *testing.T) {
	replaced := func(name string, value any) []any {
		pairs := append([]any(nil), good...)
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				pairs[i+1] = value
			}
		}
		return pairs
	}
	settingstest.Refused(t, Configure, "gcpckms.eu", settingstest.Refusals{
		{"nothing", nil, "/etc/app/k.hcl:2: keyring gcpckms.eu: project is missing\n/etc/app/k.hcl:2: keyring gcpckms.eu: region is missing\n/etc/app/k.hcl:2: keyring gcpckms.eu: key_ring is missing\n/etc/app/k.hcl:2: keyring gcpckms.eu: crypto_key is missing"},
		{"no key although it is not required", append(good[:6:6], "key_not_required", true), "crypto_key is missing"},
		{"project's number", replaced("project", "123456789012"), "/etc/app/k.hcl:3: keyring gcpckms.eu: project: must be a project's ID"},
		{"location with a zone's form", replaced("region", "Europe"), "/etc/app/k.hcl:4: keyring gcpckms.eu: region: must be a location"},
		{"key ring's full name", replaced("key_ring", "projects/p/keyRings/r"), "/etc/app/k.hcl:5: keyring gcpckms.eu: key_ring: must be the name of a key ring"},
		{"key with a version", replaced("crypto_key", "root/cryptoKeyVersions/1"), "/etc/app/k.hcl:6: keyring gcpckms.eu: crypto_key: must be the name of a key"},
		{"content", append(good, "credentials", `{"private_key": "hush"}`), "/etc/app/k.hcl:7: keyring gcpckms.eu: credentials: must be the path of a JSON file, not its content"},
		{"variable", append(good, "credentials", "env://CREDENTIALS"), "credentials: must be the path of a file"},
		{"user agent of two lines", append(good, "user_agent", "a\nb"), "user_agent: must be at most 256 printable characters"},
		{"not a boolean", append(good, "key_not_required", "yes"), "key_not_required: must be true or false"},
		{"misspelt", append(good, "keyring", "x"), "/etc/app/k.hcl:7: keyring gcpckms.eu: keyring: unknown setting; it could be credentials, crypto_key, key_not_required, key_ring, project, region, user_agent"},
	})
}

func TestVariablesDoNotOverrideTheBlock(t *testing.T) {
	for setting, variables := range map[string][]string{
		"credentials": {"GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS"},
		"project":     {"GOOGLE_PROJECT"},
		"region":      {"GOOGLE_REGION"},
		"key_ring":    {"GCPCKMS_WRAPPER_KEY_RING", "VAULT_GCPCKMS_SEAL_KEY_RING"},
		"crypto_key":  {"GCPCKMS_WRAPPER_CRYPTO_KEY", "VAULT_GCPCKMS_SEAL_CRYPTO_KEY"},
	} {
		for _, variable := range variables {
			t.Run(variable, func(t *testing.T) {
				t.Setenv(variable, "something-else")
				w, s := configured(t, append(good, "credentials", "/etc/gcp.json")...)
				want := "keyring gcpckms.eu: " + setting + ": the environment variable " + variable + " says something else and is ignored"
				if got := strings.Join(s.Warnings(), "\n"); !strings.HasSuffix(got, want) || strings.Contains(got, "\n") {
					t.Errorf("warnings: got %q, want one that ends in %q", got, want)
				}
				if w.config.Credentials != "/etc/gcp.json" || w.config.keyName() != "projects/my-project/locations/europe-west1/keyRings/sealwax/cryptoKeys/root" {
					t.Errorf("the config has changed: %+v", w.config)
				}
			})
		}
	}
}

func TestNew(t *testing.T) {
	if _, err := New(Config{Project: "p"}); err == nil || !strings.Contains(err.Error(), "gcpckms: project: must be a project's ID") || !strings.Contains(err.Error(), "gcpckms: crypto_key: must be the name of a key") {
		t.Errorf("got %v", err)
	}
	for _, project := range []string{"my-project", "example.com:my-project"} {
		if _, err := New(Config{Project: project, Region: "global", KeyRing: "r", CryptoKey: "K_1-a"}); err != nil {
			t.Errorf("project %q: %v", project, err)
		}
	}
}

// At "debug" Google's library writes every token and every plaintext to stderr.
func TestLibraryThatWouldLog(t *testing.T) {
	for level, refused := range map[string]bool{"debug": true, "DEBUG": true, "info": false, "": false} {
		t.Setenv("GOOGLE_SDK_GO_LOGGING_LEVEL", level)
		_, err := Configure(t.Context(), settings(good...))
		if refused != (err != nil && strings.Contains(err.Error(), "GOOGLE_SDK_GO_LOGGING_LEVEL would have Google's library write tokens and roots to stderr: unset it")) {
			t.Errorf("level %q: got %v", level, err)
		}
	}
}
