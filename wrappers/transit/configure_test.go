package transit

import (
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/settingstest"
	"github.com/sealwax/sealwax/wrappers"
)

func settings(pairs ...any) *wrappers.Settings { return settingstest.Of("transit.eu", pairs...) }

func TestConfigureTakesAllOfNomadsSettings(t *testing.T) {
	w, err := Configure(t.Context(), settings(
		"address", "https://vault:8200", "token", "hvs.x", "namespace", "team",
		"mount_path", "/kms/eu/", "key_name", "app-1", "key_id_prefix", "eu:", "disable_renewal", "true",
		"tls_ca_cert", "ca.pem", "tls_ca_path", "/etc/ca", "tls_client_cert", "file:///etc/c.pem", "tls_client_key", "file:///etc/k.pem",
		"tls_server_name", "vault", "tls_skip_verify", true))
	if err != nil {
		t.Fatal(err)
	}
	got := w.(*Wrapper).config
	token, err := got.Token()
	if err != nil || string(token) != "hvs.x" {
		t.Errorf("Token: got %q, %v", token, err)
	}
	got.Token = nil
	want := Config{
		Address: "https://vault:8200", Namespace: "team", MountPath: "/kms/eu/", KeyName: "app-1", KeyIDPrefix: "eu:", DisableRenewal: true,
		TLSCACert: "/etc/app/ca.pem", TLSCAPath: "/etc/ca", TLSClientCert: "/etc/c.pem", TLSClientKey: "/etc/k.pem",
		TLSServerName: "vault", TLSSkipVerify: true,
	}
	if gotText, wantText := describe(got), describe(want); gotText != wantText {
		t.Errorf("config: got\n%s\nwant\n%s", gotText, wantText)
	}
	if id, _ := w.KeyId(t.Context()); id != "eu:kms/eu/keys/app-1" {
		t.Errorf("KeyId: got %q", id)
	}
}

func TestConfigureRefuses(t *testing.T) {
	good := []any{"mount_path", "transit/", "key_name", "app"}
	settingstest.Refused(t, Configure, "transit.eu", settingstest.Refusals{
		{"nothing", nil, "mount_path is missing"},
		{"no key", []any{"mount_path", "transit"}, "key_name is missing"},
		{"empty mount", []any{"mount_path", "//", "key_name", "app"}, "/etc/app/k.hcl:3: keyring transit.eu: mount_path: must be the path"},
		{"mount outside", []any{"mount_path", "transit/../sys", "key_name", "app"}, "mount_path: must be the path"},
		{"key with a slash", []any{"mount_path", "transit", "key_name", "app/config"}, "k.hcl:4: keyring transit.eu: key_name: must be the name"},
		{"bad prefix", append(good, "key_id_prefix", `"`), "key_id_prefix: must be at most 64"},
		{"address without scheme", append(good, "address", "vault:8200"), "k.hcl:5: keyring transit.eu: address: must be a URL"},
		{"address of no such scheme", append(good, "address", "ftp://vault"), "address: must be a URL"},
		{"address that is none", append(good, "address", "https://vault:port"), "address: must be a URL"},
		{"address of nobody", append(good, "address", "https://"), "address: must be a URL"},
		{"address with a broken password", append(good, "address", "https://user:hunter%zz2@vault:8200"), "address: must be a URL"},
		{"address with a query", append(good, "address", "https://vault:8200?x=y"), "address: must be a URL"},
		{"certificate alone", append(good, "tls_client_cert", "c.pem"), "tls_client_key: is missing beside tls_client_cert"},
		{"key alone", append(good, "tls_client_key", "k.pem"), "tls_client_cert: is missing beside tls_client_key"},
		{"key in a variable", append(good, "tls_client_key", "env://KEY", "tls_client_cert", "c.pem"), "tls_client_key: must be the path of a file"},
		{"not a boolean", append(good, "disable_renewal", "yes"), "disable_renewal: must be true or false"},
		{"misspelt", append(good, "tokn", "hvs.x"), "tokn: unknown setting"},
		{"empty address", append(good, "address", ""), "k.hcl:5: keyring transit.eu: address: is empty; leave it out"},
		{"empty namespace", append(good, "namespace", ""), "k.hcl:5: keyring transit.eu: namespace: is empty; leave it out"},
		{"empty token", append(good, "token", ""), "k.hcl:5: keyring transit.eu: token: is empty; leave it out"},
		{"empty file", append(good, "tls_ca_cert", ""), "k.hcl:5: keyring transit.eu: tls_ca_cert: is empty; leave it out"},
		{"relative file after file://", append(good, "tls_ca_cert", "file://ca.pem"), "k.hcl:5: keyring transit.eu: tls_ca_cert: needs an absolute path after file://"},
		{"file of the wrong type", append(good, "tls_ca_cert", int64(1)), "k.hcl:5: keyring transit.eu: tls_ca_cert: must be a string, is a number"},
		{"relative token file", append(good, "token", "file://token"), "token: needs an absolute path"},
	})
}

func TestVariablesThatCannotBeStopped(t *testing.T) {
	for _, c := range []struct {
		name, variable string
		items          []any
		want           string // "": accepted
	}{
		{"certificate check off", "VAULT_SKIP_VERIFY", []any{"address", "https://vault:8200"}, "tls_skip_verify: the environment variable VAULT_SKIP_VERIFY would switch off"},
		{"as the block says", "VAULT_SKIP_VERIFY", []any{"tls_skip_verify", true}, ""},
		{"other host", "VAULT_SRV_LOOKUP", []any{"address", "https://vault"}, "k.hcl:5: keyring transit.eu: address: the environment variable VAULT_SRV_LOOKUP would replace"},
		{"address with port", "VAULT_SRV_LOOKUP", []any{"address", "https://vault:8200"}, ""},
		{"address left out", "VAULT_SRV_LOOKUP", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(c.variable, "true")
			_, err := Configure(t.Context(), settings(append([]any{"mount_path", "transit", "key_name", "app"}, c.items...)...))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestNewRefusesTheSame(t *testing.T) {
	_, err := New(Config{MountPath: "transit", KeyName: "a/b", Address: "vault"})
	for _, want := range []string{"transit: key_name: must be", "transit: address: must be"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	t.Setenv("VAULT_SKIP_VERIFY", "1")
	if _, err := New(Config{MountPath: "transit", KeyName: "a"}); err == nil || !strings.Contains(err.Error(), "transit: the environment variable VAULT_SKIP_VERIFY") {
		t.Errorf("got %v", err)
	}
}
