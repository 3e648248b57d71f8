package awskms

import (
	"path/filepath"
	"syscall"
	"testing"
)

// The driver logs in with the environment's web identity while it is configured, whether the block wants that or not. Here it
// would wait for ever: nobody writes into the file.
func TestForeignWebIdentityIsNotRead(t *testing.T) {
	f := newFake(t)
	file := filepath.Join(t.TempDir(), "token")
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ROLE_ARN", role)
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", file)
	t.Setenv("AWS_REGION", region)
	wrap(t, newKEK(t, f.config()))
}
