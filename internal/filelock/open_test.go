//go:build linux || darwin

package filelock

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sealwax/sealwax/internal/durable"
)

// What somebody may have put in the place of a lock file. None of it is locked, changed, waited for or followed.
func TestStrangeLockFiles(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(lock, other string) error
		want  string
	}{
		{"link", func(lock, other string) error { return os.Symlink(other, lock) }, "a symbolic link"},
		{"link to nothing", func(lock, other string) error { return os.Symlink(other+"-new", lock) }, "a symbolic link"},
		{"second name", func(lock, other string) error { return os.Link(other, lock) }, "a file with more names than this one"},
		{"pipe", func(lock, _ string) error { return syscall.Mkfifo(lock, 0o600) }, "not a regular file"},
		{"content", func(lock, _ string) error { return os.WriteFile(lock, []byte("x"), 0o600) }, "not empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a ring")
			lock, other := filepath.Join(dir, "f.lock"), filepath.Join(dir, "other")
			must(t, os.Mkdir(dir, 0o700), os.WriteFile(other, nil, 0o640), c.plant(lock, other))
			before, err := os.Lstat(lock)
			must(t, err)
			_, err = LockFor(t.Context(), lock, durable.Owner{User: 1000, Group: 1000})
			want := "lock file: " + lock + " is " + c.want + ", which no writer made: look at it, then: rm '" + lock + "'"
			if err == nil || err.Error() != want {
				t.Errorf("Lock = %v, want %s", err, want)
			}
			after, err := os.Lstat(lock)
			if err != nil || after.Sys().(*syscall.Stat_t).Uid != before.Sys().(*syscall.Stat_t).Uid {
				t.Errorf("afterwards there is %v, %v, want what was there", after, err)
			}
			if _, err := os.Lstat(other + "-new"); err == nil {
				t.Error("Lock made a file where a link leads to")
			}
			if info, err := os.Stat(other); err != nil || info.Sys().(*syscall.Stat_t).Uid != uint32(os.Geteuid()) {
				t.Errorf("the other file is now %v, %v", info, err)
			}
		})
	}
}

func TestLockThatIsADirectory(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "f.lock")
	must(t, os.Mkdir(lock, 0o700))
	if _, err := Lock(t.Context(), lock); !errors.Is(err, syscall.EISDIR) {
		t.Errorf("Lock of a directory = %v, want EISDIR", err)
	}
}

func TestLockFileIsGivenToTheOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to give files away")
	}
	lock := filepath.Join(t.TempDir(), "f.lock")
	for _, c := range []struct{ owner, want durable.Owner }{
		{durable.Unowned, durable.Owner{User: 0, Group: 0}},
		{durable.Owner{User: 1000, Group: 1001}, durable.Owner{User: 1000, Group: 1001}},
		{durable.Owner{User: 1000, Group: 1000}, durable.Owner{User: 1000, Group: 1001}}, // it is not root's any more
	} {
		unlock, err := LockFor(t.Context(), lock, c.owner)
		must(t, err)
		unlock()
		if info, err := (durable.OS{}).Lstat(lock); err != nil || info.Owner != c.want {
			t.Errorf("locked for %v, the lock file belongs to %v, %v, want %v", c.owner, info.Owner, err, c.want)
		}
	}
	// Only its owner, root, whose keystore it is, and whose directory it is, may have made it.
	if _, err := Lock(t.Context(), lock); err == nil || !strings.Contains(err.Error(), lock+" is a file of user 1000, which no writer made") {
		t.Errorf("Lock of a stranger's lock file = %v", err)
	}
	must(t, os.Chown(filepath.Dir(lock), 1000, 1000))
	unlock, err := Lock(t.Context(), lock)
	must(t, err)
	unlock()
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
