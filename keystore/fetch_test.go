package keystore_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

func TestFetchNamesTheWayBack(t *testing.T) {
	whole, err := os.ReadFile("../testdata/keystores/v1/ring-minimal.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	tampered := bytes.Replace(whole, []byte(`"region":"r"`), []byte(`"region":"x"`), 1)
	for _, c := range []struct {
		name          string
		current, prev []byte
		want          error
		text          string
	}{
		{"damaged", whole[:100], whole, keystore.ErrDamaged, "generation 1, the one before it, is whole: mv DIR/ks DIR/ks.damaged && cp -p DIR/ks.prev DIR/ks; what was sealed under a newer key needs the damaged file)"},
		{"tampered", tampered, whole, keystore.ErrTampered, "generation 1, the one before it, is whole: mv DIR/ks DIR/ks.damaged && cp -p DIR/ks.prev DIR/ks; what was sealed under a newer key needs the damaged file)"},
		{"both damaged", whole[:100], whole[:99], keystore.ErrDamaged, "(in DIR/ks; restore it from a backup)"},
		{"nothing beside it", nil, nil, keystore.ErrDamaged, "(in DIR/ks; restore it from a backup)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "ks")
			write(t, path, c.current)
			if c.prev != nil {
				write(t, path+".prev", c.prev)
			}
			_, _, err := keystore.Fetch(t.Context(), keystore.NewFile(path), nil)
			text := strings.ReplaceAll(c.text, "DIR", dir)
			wantFetchError(t, err, c.want, text)
		})
	}
	store := keystore.NewMemory()
	if err := store.Write(t.Context(), keystore.Digest{}, whole[:100]); err != nil {
		t.Fatal(err)
	}
	_, _, err = keystore.Fetch(t.Context(), store, nil)
	wantFetchError(t, err, keystore.ErrDamaged, "damaged")
}

// The command works as it is, also through a link and in a folder with a space in its name, and the link stays.
func TestTheWayBackWorks(t *testing.T) {
	whole := readFile(t, "../testdata/keystores/v1/ring-minimal.jsonl")
	dir := filepath.Join(t.TempDir(), "my ring")
	file, link := filepath.Join(dir, "real"), filepath.Join(dir, "ks")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Symlink("real", link)); err != nil {
		t.Fatal(err)
	}
	write(t, file, whole[:100])
	write(t, file+".prev", whole)
	_, _, err := keystore.Fetch(t.Context(), keystore.NewFile(link), nil)
	wantFetchError(t, err, keystore.ErrDamaged, "(in "+link+"; generation 1, the one before it, is whole: mv '"+file+"' '"+file+".damaged' && ")
	_, command, _ := strings.Cut(err.Error(), "is whole: ")
	command, _, _ = strings.Cut(command, "; what")
	if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", command, err, out)
	}
	if _, _, err := keystore.Fetch(t.Context(), keystore.NewFile(link), nil); err != nil {
		t.Errorf("after %s: %v", command, err)
	}
	if leads, err := os.Readlink(link); err != nil || leads != "real" {
		t.Errorf("the link leads to %q, %v, want real", leads, err)
	}
	if got := readFile(t, file+".damaged"); string(got) != string(whole[:100]) {
		t.Errorf("the damaged file is %q", got)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantFetchError(t *testing.T, err, want error, text string) {
	t.Helper()
	if !errors.Is(err, want) || !strings.Contains(err.Error(), text) {
		t.Errorf("error %v, want %v with %q", err, want, text)
	}
}
