package awskms

import (
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/awsserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/internal/e2e/tlsproxy"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/awskms"
)

const (
	account = "111122223333"
	region  = "eu-central-1"
)

var (
	root, aad = kektest.Root, kektest.AAD
	wrap      = kektest.Wrap
	wantOpen  = kektest.WantOpen
	wantError = kektest.WantError
)

// fake is our server, with the key that alias/app means and another one, and a file of good credentials.
type fake struct {
	*awsserver.Server
	app, other string // ARNs
	file       string // shared credentials
	used       awsserver.Credentials
}

func newFake(t testing.TB) *fake {
	t.Helper()
	s := awsserver.New(nil)
	t.Cleanup(s.Close)
	return withKeys(t, s)
}

func withKeys(t testing.TB, s *awsserver.Server) *fake {
	t.Helper()
	f := &fake{Server: s, app: s.CreateKey(account, region), other: s.CreateKey(account, region)}
	f.file = filepath.Join(t.TempDir(), "credentials")
	s.Alias("alias/app", f.app)
	s.Alias("alias/other", f.other)
	f.login(t, s.NewCredentials(account))
	return f
}

// login puts credentials into the file.
func (f *fake) login(t testing.TB, c awsserver.Credentials) {
	t.Helper()
	f.used = c
	writeCredentials(t, f.file, c)
}

func writeCredentials(t testing.TB, file string, c awsserver.Credentials) {
	t.Helper()
	kektest.WriteFile(t, file, credentialsFile(c))
}

func credentialsFile(c awsserver.Credentials) string {
	return "[default]\naws_access_key_id = " + c.AccessKeyID + "\naws_secret_access_key = " + c.SecretAccessKey + "\naws_session_token = " + c.SessionToken + "\n"
}

func (f *fake) config() awskms.Config {
	return awskms.Config{KeyID: "alias/app", Region: region, Endpoint: f.URL, SharedCredsFilename: f.file}
}

func newWrapper(t testing.TB, c awskms.Config) *awskms.Wrapper {
	t.Helper()
	return kektest.Make(t, awskms.New, c)
}

// newKEK returns a KEK that does not retry, so that its calls can be counted.
func newKEK(t testing.TB, c awskms.Config) *wrappers.KEK {
	t.Helper()
	return kektest.New(t, newWrapper(t, c))
}

// newAuthority returns an authority and the file with its certificate.
func newAuthority(t testing.TB) (*tlsproxy.Authority, string) {
	t.Helper()
	authority, err := tlsproxy.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "authority.pem")
	kektest.WriteFile(t, file, string(authority.PEM()))
	return authority, file
}
