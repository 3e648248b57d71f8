package awskms

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/awsserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/internal/e2e/tlsproxy"
)

const namesConfig = kektest.Head + `
keyring "awskms" {
  region                  = "eu-central-1"
  kms_key_id              = "alias/app"
  web_identity_token_file = "token"
  role_arn                = "arn:aws:iam::111122223333:role/app"
}
`

// The other tests give an endpoint. Here the command finds those of AWS by their own names, through the proxy and with the
// authority that variables name, and logs in with a web identity: each start is one connection to each of the two services.
func TestAWSsOwnNames(t *testing.T) {
	proxy := newProxy(t)
	const kms, sts = "kms.eu-central-1.amazonaws.com", "sts.eu-central-1.amazonaws.com"
	cert, err := proxy.Authority.Certificate(kms, sts)
	if err != nil {
		t.Fatal(err)
	}
	s := awsserver.New(&cert)
	t.Cleanup(s.Close)
	withKeys(t, s)
	for _, host := range []string{kms, sts} {
		proxy.Route(host+":443", strings.TrimPrefix(s.URL, "https://"))
	}
	dir := t.TempDir()
	kektest.WriteFile(t, filepath.Join(dir, "keyring.hcl"), namesConfig)
	kektest.WriteFile(t, filepath.Join(dir, "token"), s.NewWebIdentity(role))
	keyring := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), keyringBinary, args...)
		cmd.Dir, cmd.Env = dir, proxy.Environ(nil)
		return kektest.Run(t, cmd, 0)
	}
	keyring("init")
	beforeKMS, beforeSTS := proxy.Connections(kms+":443"), proxy.Connections(sts+":443")
	requests := s.Count()
	keyring("verify")
	if k, l, n := proxy.Connections(kms+":443")-beforeKMS, proxy.Connections(sts+":443")-beforeSTS, s.Count()-requests; k != 1 || l != 1 || n != 2 {
		t.Errorf("verify: %d connections to KMS, %d to STS, %d requests; want 1, 1, and 2: a login and a Decrypt", k, l, n)
	}
	got := keyring("doctor", "--json")
	for _, want := range []string{"arn:aws:sts::111122223333:assumed-role/app/", "https://" + kms} {
		if !strings.Contains(got, want) {
			t.Errorf("doctor does not say %q: %s", want, got)
		}
	}
	if refused := proxy.Refused(); len(refused) != 0 {
		t.Errorf("somebody else was asked: %v", refused)
	}
}

// newProxy starts a proxy, and takes its variables away again when t ends.
func newProxy(t *testing.T) *tlsproxy.Proxy {
	t.Helper()
	before := os.Environ()
	t.Cleanup(func() {
		os.Clearenv()
		for _, variable := range before {
			name, value, _ := strings.Cut(variable, "=")
			os.Setenv(name, value)
		}
	})
	proxy, err := tlsproxy.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	return proxy
}
