package gcpckms

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

// newWrapper returns a wrapper that finds no credentials but those of c and the variables that the test sets.
func newWrapper(t *testing.T, c Config) *Wrapper {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("APPDATA", t.TempDir())
	c.Project, c.Region, c.KeyRing, c.CryptoKey = "my-project", "europe-west1", "sealwax", "root"
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gcp.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// account returns the file of a service account's key.
func account(t *testing.T, email string) string {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": email, "private_key_id": "1", "token_uri": "https://oauth2.googleapis.com/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return file(t, string(b))
}

func TestWhereCredentialsComeFrom(t *testing.T) {
	a, b, c := account(t, "a@x"), account(t, "b@x"), account(t, "c@x")
	for _, test := range []struct {
		name, config, credentials, application, email, want string
	}{
		{"config", a, b, c, "a@x", " (service_account, from the config)"},
		{"driver's variable", "", b, c, "b@x", " (service_account, from GOOGLE_CREDENTIALS)"},
		{"library's variable", "", "", c, "c@x", " (service_account, from GOOGLE_APPLICATION_CREDENTIALS)"},
		{"nowhere", "", "", "", "", "the account of this machine"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("GOOGLE_CREDENTIALS", test.credentials)
			t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", test.application)
			w := newWrapper(t, Config{Credentials: test.config})
			got, err := w.config.readCredentials()
			if err != nil || got.email != test.email || !strings.HasSuffix(got.String(), test.want) {
				t.Errorf("got %v of %q, %v; want %s of %q", got, got.email, err, test.want, test.email)
			}
			if err := w.Check(t.Context()); err != nil {
				t.Errorf("Check: %v", err)
			}
		})
	}
}

func TestCredentialsOfGcloud(t *testing.T) {
	w := newWrapper(t, Config{})
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(home, ".config", "gcloud")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "application_default_credentials.json")
	if err := os.WriteFile(path, []byte(`{"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "r"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := w.config.readCredentials()
	if want := path + " (authorized_user, from gcloud auth application-default login)"; err != nil || got.String() != want {
		t.Errorf("got %v, %v; want %s", got, err, want)
	}
}

func TestAccountBehindAFederation(t *testing.T) {
	path := file(t, `{"type": "external_account", "service_account_impersonation_url":
		"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/app@my-project.iam.gserviceaccount.com:generateAccessToken"}`)
	got, err := newWrapper(t, Config{Credentials: path}).config.readCredentials()
	if err != nil || got.email != "app@my-project.iam.gserviceaccount.com" {
		t.Errorf("got %q, %v", got.email, err)
	}
}

func TestCredentialsThatAreRefused(t *testing.T) {
	const secret = "hunter2hunter2"
	for _, c := range []struct{ name, config, variable, want string }{
		{"missing", "/nowhere/gcp.json", "", "gcpckms: read the credentials that the config names: stat /nowhere/gcp.json: no such file"},
		{"content in a variable", "", `{"private_key": "` + secret + `"}`, "gcpckms: GOOGLE_CREDENTIALS holds credentials themselves: it must be the path of a file"},
		{"not JSON", file(t, secret), "", "which the config names: is not a JSON file"},
		{"no type", file(t, `{"private_key": "`+secret+`"}`), "", "has no \"type\": is it a service account's key?"},
		{"unknown type", file(t, `{"type": "robot", "private_key": "`+secret+`"}`), "", `unsupported filetype "robot"`},
		{"damaged key", file(t, `{"type": "service_account", "client_email": "a@x", "private_key": "`+secret+`"}`), "", "could not parse key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("GOOGLE_CREDENTIALS", c.variable)
			w := newWrapper(t, Config{Credentials: c.config})
			err := w.Check(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), secret) {
				t.Fatalf("Check: got %v, want %q", err, c.want)
			}
			if class, _ := w.Classify(err); class != wrappers.Ask {
				t.Errorf("class: got %v, want ask", class)
			}
			_, err = w.Encrypt(t.Context(), []byte("root"))
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Fatalf("Encrypt: got %v", err)
			}
			if class, _ := w.Classify(err); class != wrappers.Ask {
				t.Errorf("class of Encrypt: got %v, want ask", class)
			}
		})
	}
}

func TestWhichCredentialsAreWorthAnotherTry(t *testing.T) {
	key, person := account(t, "a@x"), file(t, `{"type": "authorized_user"}`)
	for _, c := range []struct {
		name             string
		path             string
		change, answered bool
		want             bool
	}{
		{"the same key", key, false, true, false},
		{"another key", key, true, true, true},
		{"a person whose token was refused", person, false, true, true},
		{"a person who got no token", person, false, false, false},
		{"another person", person, true, false, true},
		{"this machine, whose token was refused", "", false, true, true},
		{"this machine, which gave no token", "", false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWrapper(t, Config{Credentials: c.path})
			now, err := w.config.readCredentials()
			if err != nil {
				t.Fatal(err)
			}
			if c.change {
				now.digest[0] ^= 1 // what they were
			}
			if got := w.renewed(&conn{credentials: now}, c.answered); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	w := newWrapper(t, Config{Credentials: "/nowhere"})
	if w.renewed(&conn{credentials: new(credentials)}, true) {
		t.Error("credentials that cannot be read are worth another try")
	}
}
