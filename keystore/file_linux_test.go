package keystore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

// needRoot skips a test of what only root can set up.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount and to act as other users")
	}
}

// mount mounts something until the end of the test.
func mount(t *testing.T, source, target, kind string, flags uintptr, options string) {
	t.Helper()
	needRoot(t)
	err := syscall.Mount(source, target, kind, flags, options)
	if errors.Is(err, syscall.EPERM) {
		t.Skip("may not mount here:", err)
	}
	mustDo(t, err)
	t.Cleanup(func() {
		if err := syscall.Unmount(target, 0); err != nil {
			t.Error(err)
		}
	})
}

// asUser runs do as another user without privileges and returns its error. On Linux users are a matter of the thread: this
// one is not given back, so it ends with the goroutine.
func asUser(t *testing.T, uid, gid uintptr, do func() error) error {
	t.Helper()
	needRoot(t)
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		_, _, err1 := syscall.RawSyscall(syscall.SYS_SETGROUPS, 0, 0, 0)
		_, _, err2 := syscall.RawSyscall(syscall.SYS_SETRESGID, gid, gid, gid)
		_, _, err3 := syscall.RawSyscall(syscall.SYS_SETRESUID, uid, uid, uid)
		if err1 != 0 || err2 != 0 || err3 != 0 {
			result <- fmt.Errorf("test: become user %d: %v, %v, %v", uid, err1, err2, err3)
			return
		}
		result <- do()
	}()
	return <-result
}

func owner(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Lstat(path)
	mustDo(t, err)
	st := info.Sys().(*syscall.Stat_t)
	return fmt.Sprintf("%d:%d %04o", st.Uid, st.Gid, info.Mode().Perm())
}

// service returns a keystore that user 1000 made in a directory of their own.
func service(t *testing.T) (dir string, store *keystore.File) {
	t.Helper()
	needRoot(t)
	dir = t.TempDir()
	store = keystore.NewFile(filepath.Join(dir, "ks"))
	mustDo(t, os.Chmod(filepath.Dir(dir), 0o755), os.Chown(dir, 1000, 1000), asUser(t, 1000, 1000, func() error {
		return store.Write(context.Background(), keystore.Digest{}, gen(1))
	}))
	return dir, store
}

func TestRootKeepsTheOwner(t *testing.T) {
	_, store := service(t)
	mustDo(t, os.Chown(store.Path(), 1000, 1001), os.Chmod(store.Path(), 0o640), os.Remove(store.Path()+".lock"))
	mustDo(t, store.Write(t.Context(), genDigest(1), gen(2)))
	for path, want := range map[string]string{
		store.Path():           "1000:1001 0640",
		store.PreviousPath():   "1000:1001 0640",
		store.Path() + ".lock": "1000:1001 0600",
	} {
		if got := owner(t, path); got != want {
			t.Errorf("%s after root wrote: %s, want %s", path, got, want)
		}
	}
	mustDo(t, os.Chown(store.Path(), 1000, 1000))
	mustDo(t, asUser(t, 1000, 1000, func() error { return store.Write(context.Background(), genDigest(2), gen(3)) }))
	wantGen(t, store, 3)
}

func TestUserCannotKeepTheOwner(t *testing.T) {
	for _, c := range []struct {
		uid, gid int
		want     []string
	}{
		{0, 0, []string{"as user 1000, cannot keep owner 0:0 and mode 0644", "operation not permitted", "sudo -u '#0' -g '#0' …"}},
		{1001, 1001, []string{"cannot keep owner 1001:1001", "sudo -u '#1001' -g '#1001' …"}},
		{1000, 1001, []string{"cannot keep owner 1000:1001", "sudo -u '#1000' -g '#1001' …"}},
	} {
		dir, store := service(t)
		mustDo(t, os.Chown(store.Path(), c.uid, c.gid), os.Chmod(store.Path(), 0o644))
		err := asUser(t, 1000, 1000, func() error { return store.Write(context.Background(), genDigest(1), gen(2)) })
		wantError(t, err, append(c.want, "keystore: write "+store.Path())...)
		mustDo(t, asUser(t, 1000, 1000, func() error { wantGen(t, store, 1); return nil }))
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
			t.Errorf("the directory holds %v, %v, want the keystore and its lock", entries, err)
		}
	}
}

func TestLockFileOfAnotherUser(t *testing.T) {
	_, store := service(t)
	mustDo(t, os.Chown(store.Path()+".lock", 0, 0))
	write := func() error { return store.Write(context.Background(), genDigest(1), gen(2)) }
	wantError(t, asUser(t, 1000, 1000, write), "lock file: open "+store.Path()+".lock: permission denied",
		"sudo chown 1000:1000 "+store.Path()+".lock")
	mustDo(t, os.Chown(store.Path()+".lock", 1000, 1000), asUser(t, 1000, 1000, write))
}

// The service's user may put anything in the lock file's place. Root, who rotates, neither gives it away nor waits for it.
func TestPlantedLockFile(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(lock, victim string) error
		want  string
	}{
		{"link", func(lock, victim string) error { return os.Symlink(victim, lock) }, "is a symbolic link"},
		{"link to nothing", func(lock, victim string) error { return os.Symlink(victim+"-new", lock) }, "is a symbolic link"},
		{"second name", func(lock, victim string) error { return os.Link(victim, lock) }, "is a file with more names than this one"},
		{"pipe", func(lock, _ string) error { return syscall.Mkfifo(lock, 0o666) }, "is not a regular file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, store := service(t)
			victim, lock := filepath.Join(filepath.Dir(dir), "victim"), store.Path()+".lock"
			mustDo(t, os.WriteFile(victim, nil, 0o666), os.Chmod(victim, 0o666), os.Remove(lock))
			// As root: where the system does not protect links, the user can do the same.
			mustDo(t, c.plant(lock, victim))
			write := func() error { return store.Write(context.Background(), genDigest(1), gen(2)) }
			for _, err := range []error{write(), asUser(t, 1000, 1000, write), store.RemovePrevious(t.Context())} {
				wantError(t, err, "lock file: "+lock+" "+c.want+", which no writer made: look at it, then: rm "+lock)
			}
			if got := owner(t, victim); got != "0:0 0666" {
				t.Errorf("the file that the lock file leads to is now %s, want 0:0 0666", got)
			}
			if _, err := os.Lstat(victim + "-new"); err == nil {
				t.Error("root made a file where the link leads to")
			}
			wantGen(t, store, 1)
			mustDo(t, os.Remove(lock), write())
		})
	}
}

func TestOtherUsersMayRead(t *testing.T) {
	dir, store := service(t)
	mustDo(t, os.Chmod(store.Path(), 0o644))
	read := func() error {
		_, err := store.Read(context.Background())
		return err
	}
	mustDo(t, asUser(t, 2000, 2000, read))
	wantError(t, asUser(t, 2000, 2000, func() error { return store.Write(context.Background(), genDigest(1), gen(2)) }),
		"permission denied", "run the same command as the keystore's owner: sudo -u '#1000' -g '#1000' …")
	mustDo(t, os.Chmod(dir, 0o711))
	wantError(t, asUser(t, 2000, 2000, read), "cannot make sure that it is durable without read permission for its directory")
	mustDo(t, os.Chmod(dir, 0o755), os.Chmod(store.Path(), 0o600))
	wantError(t, asUser(t, 2000, 2000, read), "open "+store.Path()+": permission denied: run the same command as the keystore's owner: sudo -u '#1000' -g '#1000' …")
	mustDo(t, os.Chmod(store.Path(), 0o200))
	wantError(t, asUser(t, 1000, 1000, read), "permission denied; run: chmod u+r "+store.Path())
	mustDo(t, os.Chmod(dir, 0o700))
	wantError(t, asUser(t, 2000, 2000, read), "permission denied: a directory on the way lets this user not pass; run: namei -l "+store.Path())
}

func TestReadOnlyDirectory(t *testing.T) {
	dir, store := service(t)
	mustDo(t, os.Chmod(dir, 0o500))
	write := func() error { return store.Write(context.Background(), genDigest(1), gen(2)) }
	wantError(t, asUser(t, 1000, 1000, write), "permission denied: directory "+dir+" must be writable")
	mustDo(t, os.Remove(store.Path()+".lock"))
	wantError(t, asUser(t, 1000, 1000, write), "permission denied: directory "+dir+" must be writable")
	other := keystore.NewFile(filepath.Join(dir, "other"))
	wantError(t, asUser(t, 1000, 1000, func() error { return other.Write(context.Background(), keystore.Digest{}, gen(1)) }),
		"permission denied: directory "+dir+" must be writable")
	mustDo(t, asUser(t, 1000, 1000, func() error { _, err := store.Read(context.Background()); return err }))
}

func TestStickyDirectory(t *testing.T) {
	dir, store := service(t)
	mustDo(t, os.Chown(dir, 0, 0), os.Chmod(dir, 0o777|os.ModeSticky), os.Chmod(store.Path(), 0o644))
	read := func() error { _, err := store.Read(context.Background()); return err }
	mustDo(t, asUser(t, 1000, 1000, read)) // the file is their own
	want := store.Path() + " belongs to user 1000, and everybody may add files to " + dir
	wantError(t, asUser(t, 2000, 2000, read), want)
	wantError(t, read(), want)
	mustDo(t, os.Chown(store.Path(), 0, 0))
	mustDo(t, asUser(t, 2000, 2000, read), read()) // root's is anybody's to trust
}

// Whom a link in a sticky directory belongs to decides about the link, and not whose keystore it leads to.
func TestLinkInAStickyDirectory(t *testing.T) {
	_, store := service(t) // of user 1000
	mustDo(t, os.Chmod(store.Path(), 0o644))
	dir := t.TempDir()
	mustDo(t, os.Chmod(dir, 0o777|os.ModeSticky))
	link := filepath.Join(dir, "link")
	mustDo(t, os.Symlink(store.Path(), link))
	read := func() error { _, err := keystore.NewFile(link).Read(context.Background()); return err }
	mustDo(t, read(), asUser(t, 2000, 2000, read))
	mustDo(t, os.Lchown(link, 2000, 2000))
	mustDo(t, asUser(t, 2000, 2000, read))
	wantError(t, read(), "belongs to user 2000")
}

// Everybody may add files to a sticky directory, also the ones that a writer needs.
func TestStickyDirectoryWithFilesOfOthers(t *testing.T) {
	dir, store := service(t)
	mustDo(t, os.Chown(dir, 0, 0), os.Chmod(dir, 0o777|os.ModeSticky))
	write := func() error { return store.Write(context.Background(), genDigest(1), gen(2)) }
	for _, suffix := range []string{".lock", ".prev"} {
		name := store.Path() + suffix
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		mustDo(t, asUser(t, 2000, 2000, func() error { return syscall.Mkfifo(name, 0o666) }))
		want := name + " belongs to user 2000, and everybody may add files to " + dir + ": use a directory of your own"
		wantError(t, asUser(t, 1000, 1000, write), want)
		wantError(t, asUser(t, 1000, 1000, func() error { return store.RemovePrevious(context.Background()) }), want)
		mustDo(t, os.Remove(name))
	}
	mustDo(t, asUser(t, 1000, 1000, write))
}

func TestDirectoryOfAnotherUser(t *testing.T) {
	dir, store := service(t)
	mustDo(t, os.Chmod(store.Path(), 0o644))
	read := func() error { _, err := store.Read(context.Background()); return err }
	write := func() error { return store.Write(context.Background(), genDigest(1), gen(2)) }
	for _, c := range []struct {
		directory, file, process uintptr
		want                     string
	}{
		{1000, 1000, 0, ""},    // root, who may rotate a service's keystore
		{0, 1000, 2000, ""},    // a reader of it
		{1000, 1000, 2000, ""}, // the same
		{2000, 1000, 2000, ""}, // who can fool but themselves
		{3000, 1000, 1000, "sudo chown 1000 " + dir},
		{3000, 1000, 2000, "sudo chown 1000 " + dir},
		{3000, 1000, 0, "sudo chown 1000 " + dir},
		{3000, 0, 0, "sudo chown 0 " + dir},
	} {
		mustDo(t, os.Chown(dir, int(c.directory), 0), os.Chown(store.Path(), int(c.file), 0))
		err := asUser(t, c.process, c.process, read)
		if c.want == "" {
			mustDo(t, err)
			continue
		}
		want := "directory " + dir + " belongs to user 3000, who can replace the file: " + c.want +
			", or run the same command as that user: sudo -u '#3000' -g '#0' …"
		wantError(t, err, want)
		wantError(t, asUser(t, c.process, c.process, write), want)
	}
	other := keystore.NewFile(filepath.Join(dir, "other"))
	wantError(t, other.Write(t.Context(), keystore.Digest{}, gen(1)), "sudo chown 0 "+dir) // root's first, in it
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("the directory holds %v, %v, want the keystore and its lock", entries, err)
	}
}

func TestLinkOfAnotherUser(t *testing.T) {
	dir, store := service(t)
	mustDo(t, os.Chmod(store.Path(), 0o644))
	link := keystore.NewFile(filepath.Join(dir, "link"))
	elsewhere := filepath.Join(filepath.Dir(dir), "elsewhere")
	mustDo(t, os.Mkdir(elsewhere, 0o755), os.WriteFile(filepath.Join(elsewhere, "ks"), gen(1), 0o644))
	for _, c := range []struct {
		leads          string
		owner, process uintptr
		refused        bool
	}{
		{store.Path(), 1000, 0, false},
		{store.Path(), 1000, 1000, false},
		{store.Path(), 0, 2000, false},
		{store.Path(), 3000, 0, true},
		{filepath.Join(elsewhere, "ks"), 1000, 1000, false},
		{filepath.Join(elsewhere, "ks"), 1000, 0, true},  // a service would have root write elsewhere
		{filepath.Join(elsewhere, "new"), 1000, 0, true}, // the same, by making a file
	} {
		mustDo(t, os.RemoveAll(link.Path()), os.Symlink(c.leads, link.Path()), os.Lchown(link.Path(), int(c.owner), 0))
		err := asUser(t, c.process, c.process, func() error { _, err := link.Read(context.Background()); return err })
		if !c.refused {
			mustDo(t, err)
			continue
		}
		want := fmt.Sprintf("symbolic link %s belongs to user %d, who can have it lead elsewhere: use the path of the file itself", link.Path(), c.owner)
		wantError(t, err, want)
		wantError(t, link.Write(t.Context(), genDigest(1), gen(2)), want)
		wantError(t, link.Write(t.Context(), keystore.Digest{}, gen(1)), want)
	}
	if entries, err := os.ReadDir(elsewhere); err != nil || len(entries) != 1 {
		t.Errorf("elsewhere there is %v, %v, want the one file", entries, err)
	}
}

func TestReadOnlyMount(t *testing.T) {
	dir, store := place(t)
	mount(t, dir, dir, "", syscall.MS_BIND, "")
	mustDo(t, syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	wantGen(t, store, 1)
	want := "read-only file system: reading is all that is possible here"
	wantError(t, store.Write(t.Context(), genDigest(1), gen(2)), want)
	wantError(t, store.RemovePrevious(t.Context()), "keystore: remove the previous generation of "+store.Path())
	wantError(t, keystore.NewFile(filepath.Join(dir, "other")).Write(t.Context(), keystore.Digest{}, gen(1)), want)
	wantGen(t, store, 1)
}

func TestBindMountedFile(t *testing.T) {
	_, source := place(t)
	dir := t.TempDir()
	store := keystore.NewFile(filepath.Join(dir, "ks"))
	mustDo(t, os.WriteFile(store.Path(), nil, 0o600))
	mount(t, source.Path(), store.Path(), "", syscall.MS_BIND, "")
	wantGen(t, store, 1)
	wantError(t, store.Write(t.Context(), genDigest(1), gen(2)),
		"the file is a mount point, as a bind-mounted single file is, and cannot be replaced: mount its directory instead")
	wantGen(t, store, 1)
	wantGen(t, source, 1)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("the directory holds %v, %v, want the keystore and its lock", entries, err)
	}
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	mount(t, "tmpfs", dir, "tmpfs", 0, "size=64k,mode=700")
	store := keystore.NewFile(filepath.Join(dir, "ks"))
	mustDo(t, store.Write(t.Context(), keystore.Digest{}, gen(1)), store.Write(t.Context(), genDigest(1), gen(2)))
	wantError(t, store.Write(t.Context(), genDigest(2), make([]byte, 100_000)),
		"no space left on device: free some space in "+dir+"; the keystore is as it was")
	wantGen(t, store, 2)
	if data, err := os.ReadFile(store.PreviousPath()); string(data) != string(gen(1)) {
		t.Errorf("the previous generation is %q, %v, want %q", data, err, gen(1))
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
		t.Errorf("the directory holds %v, %v, want the keystore, its lock and the previous one", entries, err)
	}
	mustDo(t, store.Write(t.Context(), genDigest(2), gen(3)))
}

func TestFullDiskAtTheFirstWrite(t *testing.T) {
	dir := t.TempDir()
	mount(t, "tmpfs", dir, "tmpfs", 0, "nr_inodes=1,mode=700") // the directory itself is the one
	err := keystore.NewFile(filepath.Join(dir, "ks")).Write(t.Context(), keystore.Digest{}, gen(1))
	wantError(t, err, "lock file: open "+dir+"/ks.lock: no space left on device")
}

// A side file that root makes is its service's, and so is the lock.
func TestSideFileOfRootBelongsToTheKeystoresOwner(t *testing.T) {
	needRoot(t)
	path := filepath.Join(t.TempDir(), "ks")
	main := keystore.NewFile(path)
	mustDo(t, main.Write(t.Context(), keystore.Digest{}, gen(1)), os.Chown(path, 1234, 1235))
	mustDo(t, main.Beside(".wear").Write(t.Context(), keystore.Digest{}, gen(2)))
	for _, name := range []string{path + ".wear", path + ".wear.lock"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if s := info.Sys().(*syscall.Stat_t); s.Uid != 1234 || s.Gid != 1235 {
			t.Errorf("%s belongs to %d:%d, want 1234:1235", name, s.Uid, s.Gid)
		}
	}
}
