//go:build linux || darwin

package keystore_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

// place returns a directory of mode 0700 with generation 1 of a keystore in it.
func place(t *testing.T) (dir string, store *keystore.File) {
	t.Helper()
	dir = t.TempDir()
	store = keystore.NewFile(filepath.Join(dir, "ks"))
	mustDo(t, os.Chmod(dir, 0o700), store.Write(t.Context(), keystore.Digest{}, gen(1)))
	return dir, store
}

// wantError reports an error that is nil, or does not contain all of want.
func wantError(t *testing.T, err error, want ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %q", want)
		return
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want it to contain %q", err, part)
		}
	}
	if strings.Count(err.Error(), "keystore: ") != 1 || !strings.HasPrefix(err.Error(), "keystore: ") {
		t.Errorf("error %q, want the package's prefix once", err)
	}
}

// wantBoth runs Read and a Write that would succeed, and wants the same from both.
func wantBoth(t *testing.T, store *keystore.File, want ...string) {
	t.Helper()
	_, err := store.Read(t.Context())
	wantError(t, err, append(want, "keystore: read "+store.Path()+": ")...)
	err = store.Write(t.Context(), genDigest(1), gen(2))
	wantError(t, err, append(want, "keystore: write "+store.Path()+": ")...)
}

func wantGen(t *testing.T, store *keystore.File, want int) {
	t.Helper()
	if n, err := genOf(store.Read(t.Context())); err != nil || n != want {
		t.Errorf("the store holds generation %d, %v, want %d", n, err, want)
	}
}

func TestFileRefusesWhatOthersCanWrite(t *testing.T) {
	for _, c := range []struct {
		file, dir fs.FileMode
		want      string // %f and %d are the file and its directory
	}{
		{0o600, 0o700, ""},
		{0o644, 0o755, ""},
		{0o620, 0o700, "the file can be changed by its group (mode 0620): chmod go-w %f"},
		{0o666, 0o700, "the file can be changed by everybody (mode 0666): chmod go-w %f"},
		{0o600, 0o770, "directory %d can be changed by its group (mode 0770): chmod go-w %d"},
		{0o600, 0o777, "directory %d can be changed by everybody (mode 0777): chmod go-w %d"},
		{0o600, 0o777 | fs.ModeSticky, ""}, // as /tmp: the file is ours, nobody else can replace it
	} {
		dir, store := place(t)
		mustDo(t, os.Chmod(store.Path(), c.file), os.Chmod(dir, c.dir))
		if c.want == "" {
			wantGen(t, store, 1)
			continue
		}
		want := strings.NewReplacer("%f", store.Path(), "%d", dir).Replace(c.want)
		wantBoth(t, store, want)
		_, command, _ := strings.Cut(want, "): chmod go-w ")
		mustDo(t, os.Chmod(command, 0o700))
		wantGen(t, store, 1)
	}
}

// The commands in errors can be pasted as they are.
func TestCommandsInErrorsQuotePaths(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's my ring")
	mustDo(t, os.Mkdir(dir, 0o700))
	store := keystore.NewFile(filepath.Join(dir, "key store"))
	mustDo(t, store.Write(t.Context(), keystore.Digest{}, gen(1)), os.Chmod(store.Path(), 0o666), os.Chmod(dir, 0o770))
	for range 2 { // the file, then the directory
		_, err := store.Read(t.Context())
		wantError(t, err, "chmod go-w '")
		_, command, _ := strings.Cut(err.Error(), "): ")
		if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", command, err, out)
		}
	}
	wantGen(t, store, 1)
}

func TestFileRefusesToCreateWhereOthersCanWrite(t *testing.T) {
	dir := t.TempDir()
	mustDo(t, os.Chmod(dir, 0o777))
	err := keystore.NewFile(filepath.Join(dir, "ks")).Write(t.Context(), keystore.Digest{}, gen(1))
	wantError(t, err, "chmod go-w "+dir)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("the directory holds %v, %v, want nothing", entries, err)
	}
}

func TestFileRefusesWhatIsNoFile(t *testing.T) {
	dir, store := place(t)
	mustDo(t, os.Remove(store.Path()), os.Mkdir(store.Path(), 0o700))
	wantBoth(t, store, "is a directory")
	mustDo(t, os.Remove(store.Path()), syscall.Mkfifo(store.Path(), 0o600)) // must not wait for a writer
	wantBoth(t, store, "is not a regular file")
	large := keystore.NewFile(filepath.Join(dir, "large"))
	mustDo(t, os.WriteFile(large.Path(), nil, 0o600), os.Truncate(large.Path(), keystore.MaxSize+1))
	wantBoth(t, large, "16777217 bytes are more than a keystore's limit of 16777216")
}

func TestFileSaysWhatIsMissing(t *testing.T) {
	dir, _ := place(t)
	missing := keystore.NewFile(filepath.Join(dir, "other"))
	_, err := missing.Read(t.Context())
	if want := "keystore: read " + missing.Path() + ": no keystore"; !errors.Is(err, keystore.ErrNotFound) || err.Error() != want {
		t.Errorf("Read = %v, want %q and ErrNotFound", err, want)
	}
	nowhere := keystore.NewFile(filepath.Join(dir, "no", "ks"))
	folder := filepath.Dir(nowhere.Path())
	wantBoth(t, nowhere, "no keystore, nor a directory for one: stat "+folder+": no such file or directory: check the path, or make it: mkdir -p -m 700 "+folder)
	if _, err := nowhere.Read(t.Context()); !errors.Is(err, keystore.ErrNotFound) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read = %v, want ErrNotFound and fs.ErrNotExist", err)
	}
	_, err = missing.Stamp(t.Context())
	if _, readErr := missing.Read(t.Context()); errors.Is(err, fs.ErrNotExist) || errors.Is(readErr, fs.ErrNotExist) {
		t.Errorf("Read = %v, Stamp = %v, want no fs.ErrNotExist where there is a directory", readErr, err)
	}
	if err := nowhere.RemovePrevious(t.Context()); err == nil {
		t.Error("RemovePrevious in a missing directory succeeded")
	}
}

func TestConflictsSayWhatIsThere(t *testing.T) {
	_, store := place(t)
	wantError(t, store.Write(t.Context(), keystore.Digest{}, gen(2)), "was changed by someone else: there is one already")
	mustDo(t, os.Remove(store.Path()))
	wantError(t, store.Write(t.Context(), genDigest(1), gen(2)), "was changed by someone else: it is gone")
}

func TestFileFollowsLinks(t *testing.T) {
	dir, store := place(t)
	other := t.TempDir()
	mustDo(t, os.Chmod(other, 0o700), os.Symlink(store.Path(), filepath.Join(other, "link")))
	linked := keystore.NewFile(filepath.Join(other, "link"))
	wantGen(t, linked, 1)
	mustDo(t, linked.Write(t.Context(), genDigest(1), gen(2)))
	wantGen(t, store, 2)
	if got, want := linked.PreviousPath(), filepath.Join(dir, "ks.prev"); got != want {
		t.Errorf("PreviousPath = %s, want %s", got, want)
	}
	if data, err := os.ReadFile(linked.PreviousPath()); string(data) != string(gen(1)) {
		t.Errorf("the previous generation is %q, %v, want %q", data, err, gen(1))
	}
	if entries, err := os.ReadDir(other); err != nil || len(entries) != 1 || entries[0].Type() != fs.ModeSymlink {
		t.Errorf("beside the link stands %v, %v, want nothing", entries, err)
	}
	mustDo(t, os.Chmod(other, 0o777)) // now anybody can point the link elsewhere
	wantError(t, linked.Write(t.Context(), genDigest(2), gen(3)), "chmod go-w "+other)
	loop := keystore.NewFile(filepath.Join(dir, "loop"))
	mustDo(t, os.Symlink("loop", loop.Path()))
	wantBoth(t, loop, "more than 40 symbolic links in a row")
	if got, want := loop.PreviousPath(), loop.Path()+".prev"; got != want {
		t.Errorf("PreviousPath of a loop = %s, want %s", got, want)
	}
}
