package awskms

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/awskms"
)

const role = "arn:aws:iam::111122223333:role/app"

// identityConfig logs in with the token of a file.
func identityConfig(t *testing.T, f *fake) (c awskms.Config, tokenFile string) {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL_STS", f.URL)
	tokenFile = filepath.Join(t.TempDir(), "token")
	kektest.WriteFile(t, tokenFile, f.NewWebIdentity(role))
	c = f.config()
	c.SharedCredsFilename, c.WebIdentityTokenFile, c.RoleARN, c.RoleSessionName = "", tokenFile, role, "node-1"
	return c, tokenFile
}

func TestWebIdentity(t *testing.T) {
	f := newFake(t)
	c, _ := identityConfig(t, f)
	k := newKEK(t, c)
	if err := k.Check(t.Context()); err != nil || f.Count() != 0 {
		t.Errorf("Check: %v after %d requests, want none of both", err, f.Count())
	}
	w := wrap(t, k)
	wantOpen(t, k, w)
	if logins, all := f.Count("AssumeRoleWithWebIdentity"), f.Count(); logins != 1 || all != 4 {
		t.Errorf("%d logins in %d requests, want 1 in 4", logins, all)
	}
	// In a pod the variables alone say so, and win over an access key there, as with the driver.
	t.Setenv("AWS_ROLE_ARN", role)
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", c.WebIdentityTokenFile)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDNOBODY")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hush")
	c.WebIdentityTokenFile, c.RoleARN = "", ""
	wantOpen(t, newKEK(t, c), w)
}

func TestLoginThatFails(t *testing.T) {
	f := newFake(t)
	c, file := identityConfig(t, f)
	token, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		disturb func()
		class   wrappers.Class
		want    []string
	}{
		{"unknown token", func() { kektest.WriteFile(t, file, "eyJhush") }, wrappers.Ask, []string{"no credentials in the web identity token file " + file + ", for the role " + role, "AWS answered 400 InvalidIdentityToken", "check the web identity token"}},
		{"role that does not trust", func() { kektest.WriteFile(t, file, f.NewWebIdentity(role+"2")) }, wrappers.Ask, []string{"AWS answered 403 AccessDenied", "allow sts:AssumeRoleWithWebIdentity"}},
		{"no file", func() { os.Remove(file) }, wrappers.Ask, []string{"no such file", "put credentials there"}},
		{"error of the service", func() { f.Fail(1) }, wrappers.Later, []string{"AWS answered 500", "try again"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer func() { f.Restore(); kektest.WriteFile(t, file, string(token)) }()
			before := f.Count()
			test.disturb()
			k := newKEK(t, c)
			_, err := k.Wrap(t.Context(), root, aad)
			wantError(t, err, test.class, test.want...)
			if strings.Contains(err.Error(), "eyJ") {
				t.Errorf("the token is shown: %v", err)
			}
			if n := f.Count() - before; n > 1 {
				t.Errorf("%d requests, want at most 1", n)
			}
			f.Restore()
			kektest.WriteFile(t, file, string(token))
			wrap(t, k)
		})
	}
}

func TestSilentLoginIsGivenUp(t *testing.T) {
	f := newFake(t)
	c, _ := identityConfig(t, f)
	before := goleak.IgnoreCurrent()
	k := newKEK(t, c)
	f.Hang("AssumeRoleWithWebIdentity")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := k.Wrap(ctx, root, aad)
	wantError(t, err, wrappers.Later, "deadline exceeded")
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("net/http.(*conn).serve")) // the server is in this process
	f.Restore()
	wrap(t, k) // and nobody holds a lock
}

// A session whose end is known is renewed before it, so that no call is refused.
func TestSessionIsRenewedBeforeItsEnd(t *testing.T) {
	f := newFake(t)
	c, _ := identityConfig(t, f)
	k := newKEK(t, c)
	f.SetSessions(30 * time.Second) // less than the minute before the end
	w := wrap(t, k)
	f.SetSessions(time.Hour)
	wantOpen(t, k, w)
	if n := f.Count("AssumeRoleWithWebIdentity"); n != 3 {
		t.Errorf("%d logins for 3 calls with sessions of half a minute, want 3", n)
	}
	wantOpen(t, k, w)
	if n := f.Count("AssumeRoleWithWebIdentity"); n != 3 {
		t.Errorf("%d logins, want none within the hour", n-3)
	}
}

func TestSecretsInFilesAreReadAgain(t *testing.T) {
	f := newFake(t)
	dir := t.TempDir()
	put := func(name, text string) { kektest.WriteFile(t, filepath.Join(dir, name), text+"\n") }
	putAll := func() {
		put("id", f.used.AccessKeyID)
		put("secret", f.used.SecretAccessKey)
		put("session", f.used.SessionToken)
	}
	putAll()
	set := func(name string, value any) wrappers.Setting {
		return wrappers.Setting{Name: name, Value: value, File: "keyring.hcl", Line: 1}
	}
	w, err := awskms.Configure(t.Context(), wrappers.NewSettings("awskms", []wrappers.Setting{
		set("region", region), set("kms_key_id", "alias/app"), set("endpoint", f.URL),
		set("access_key", "file://"+filepath.Join(dir, "id")), set("secret_key", "file://"+filepath.Join(dir, "secret")), set("session_token", "env://MY_SESSION"),
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("MY_SESSION", f.used.SessionToken)
	k := kektest.New(t, w)
	wrapped := wrap(t, k)

	f.Expire(f.used)
	_, err = k.Unwrap(t.Context(), wrapped, aad)
	wantError(t, err, wrappers.Ask, "ExpiredTokenException", "put new credentials in access_key and secret_key")
	f.used = f.NewCredentials(account)
	putAll()
	t.Setenv("MY_SESSION", f.used.SessionToken)
	before := f.Count()
	wantOpen(t, k, wrapped)
	wantOpen(t, k, wrapped)
	if n := f.Count() - before; n != 3 {
		t.Errorf("with new secrets: %d requests, want 2 for the first and 1 for the second", n)
	}
}
