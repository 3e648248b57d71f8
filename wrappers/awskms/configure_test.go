package awskms

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/settingstest"
	"github.com/sealwax/sealwax/wrappers"
)

func settings(pairs ...any) *wrappers.Settings { return settingstest.Of("awskms.eu", pairs...) }

func TestConfigureTakesAllOfNomadsSettings(t *testing.T) {
	noVariables(t)
	w, err := Configure(t.Context(), settings(
		"region", "eu-central-1", "access_key", "AKIDEXAMPLE", "secret_key", "s", "session_token", "t", "kms_key_id", "alias/app",
		"endpoint", "https://kms.example.com", "shared_creds_filename", "creds", "shared_creds_profile", "app",
		"web_identity_token_file", "file:///run/token", "role_session_name", "node-1", "role_arn", "arn:aws:iam::111122223333:role/team/app",
		"key_not_required", "true", "disallow_env_vars", true))
	if err != nil {
		t.Fatal(err)
	}
	got := w.(*Wrapper).config
	for name, read := range map[string]func() ([]byte, error){"AKIDEXAMPLE": got.AccessKey, "s": got.SecretKey, "t": got.SessionToken} {
		if b, err := read(); err != nil || string(b) != name {
			t.Errorf("secret: got %q, %v; want %q", b, err, name)
		}
	}
	got.AccessKey, got.SecretKey, got.SessionToken = nil, nil, nil
	want := Config{
		KeyID: "alias/app", Region: "eu-central-1", Endpoint: "https://kms.example.com",
		SharedCredsFilename: "/etc/app/creds", SharedCredsProfile: "app",
		WebIdentityTokenFile: "/run/token", RoleARN: "arn:aws:iam::111122223333:role/team/app", RoleSessionName: "node-1", DisallowEnvVars: true,
	}
	if gotText, wantText := fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want); gotText != wantText {
		t.Errorf("config: got\n%s\nwant\n%s", gotText, wantText)
	}
	if id, _ := w.KeyId(t.Context()); id != "alias/app" {
		t.Errorf("KeyId: got %q", id)
	}
}

func TestConfigureRefuses(t *testing.T) {
	noVariables(t)
	good := []any{"kms_key_id", keyARN}
	settingstest.Refused(t, Configure, "awskms.eu", settingstest.Refusals{
		{"nothing", nil, "kms_key_id is missing"},
		{"no key, and none required", []any{"key_not_required", true}, "kms_key_id is missing"},
		{"no such key", []any{"kms_key_id", "app"}, "/etc/app/k.hcl:3: keyring awskms.eu: kms_key_id: must be a key ID"},
		{"zone", append(good, "region", "eu-central-1a"), "k.hcl:4: keyring awskms.eu: region: must be the name of a region"},
		{"other region", append(good, "region", "eu-west-1"), "region: is eu-west-1, but kms_key_id is of eu-central-1"},
		{"endpoint without scheme", append(good, "endpoint", "kms:443"), "endpoint: must be a URL"},
		{"endpoint with password", append(good, "endpoint", "https://me:hush@kms"), "endpoint: must be a URL"},
		{"endpoint with path", append(good, "endpoint", "https://kms/v1"), "endpoint: must be a URL"},
		{"half a key", append(good, "access_key", "AKID"), "secret_key: is missing beside access_key"},
		{"other half", append(good, "secret_key", "hush"), "access_key: is missing beside secret_key"},
		{"token alone", append(good, "session_token", "hush"), "session_token: belongs to an access_key"},
		{"role by name", append(good, "role_arn", "app"), "role_arn: must be the ARN of a role"},
		{"session name", append(good, "role_session_name", "a b"), "role_session_name: must be 2 to 64"},
		{"relative token file", append(good, "web_identity_token_file", "file://token"), "web_identity_token_file: needs an absolute path"},
		{"relative secret file", append(good, "access_key", "AKID", "secret_key", "file://secret"), "secret_key: needs an absolute path"},
		{"not a boolean", append(good, "disallow_env_vars", "yes"), "disallow_env_vars: must be true or false"},
		{"misspelt", append(good, "kms_keyid", "x"), "kms_keyid: unknown setting"},
		{"empty region", append(good, "region", ""), "region: is empty; leave it out"},
	})
}

func TestNewRefusesTheSame(t *testing.T) {
	_, err := New(Config{KeyID: "app", Region: "moon"})
	for _, want := range []string{"awskms: kms_key_id: must be", "awskms: region: must be"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestVariablesThatSaySomethingElse(t *testing.T) {
	noVariables(t)
	for variable, setting := range map[string]string{
		"AWSKMS_WRAPPER_KEY_ID": "kms_key_id", "VAULT_AWSKMS_SEAL_KEY_ID": "kms_key_id", "AWS_REGION": "region", "AWS_KMS_ENDPOINT": "endpoint",
		"AWS_ACCESS_KEY_ID": "access_key", "AWS_SECRET_ACCESS_KEY": "secret_key", "AWS_SESSION_TOKEN": "session_token", "AWS_PROFILE": "shared_creds_profile",
		"AWS_WEB_IDENTITY_TOKEN_FILE": "web_identity_token_file", "AWS_ROLE_ARN": "role_arn", "AWS_ROLE_SESSION_NAME": "role_session_name",
	} {
		t.Run(variable, func(t *testing.T) {
			s := settings("kms_key_id", keyID, "region", "eu-central-1", "endpoint", "https://kms.example.com", "access_key", "AKID", "secret_key", "s",
				"session_token", "t", "shared_creds_profile", "app", "web_identity_token_file", "/run/token",
				"role_arn", "arn:aws:iam::111122223333:role/app", "role_session_name", "node")
			t.Setenv(variable, "http://else")
			if _, err := Configure(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			want := setting + ": the environment variable " + variable + " says something else and is ignored"
			if got := strings.Join(s.Warnings(), "\n"); !strings.Contains(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
