package secretfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sealwax/sealwax/internal/secret"
)

func write(t *testing.T, name, content string, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestContent(t *testing.T) {
	for _, c := range []struct{ content, want, err string }{
		{"secret", "secret", ""},
		{"secret\n", "secret", ""},
		{"secret\r\n", "secret", ""},
		{"secret\n\n", "secret\n", ""},
		{" secret ", " secret ", ""},
		{"\n", "", " is empty"},
		{"", "", " is empty"},
		{strings.Repeat("x", MaxSize), strings.Repeat("x", MaxSize), ""},
		{strings.Repeat("x", MaxSize+1), "", " has more than 65536 bytes"},
	} {
		path := write(t, "f", c.content, 0o600)
		got, err := Read(path)
		if c.err != "" {
			if err == nil || err.Error() != path+c.err {
				t.Errorf("%.10q: got error %v, want %s", c.content, err, c.err)
			}
			continue
		}
		if err != nil || string(got.Expose()) != c.want {
			t.Errorf("%.10q: got %.10q, %v", c.content, got.Expose(), err)
		}
	}
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing on Windows")
	}
	readers := map[string]func(path string) (secret.Bytes, error){
		"any":     Read,
		"private": ReadPrivate,
		"credential": func(path string) (secret.Bytes, error) {
			t.Setenv("CREDENTIALS_DIRECTORY", filepath.Dir(path))
			return ReadCredential(filepath.Base(path))
		},
	}
	for _, c := range []struct {
		reader string
		mode   fs.FileMode
		mend   string // "" if the file is accepted
	}{
		{"any", 0o644, ""},
		{"private", 0o600, ""},
		{"private", 0o400, ""},
		{"private", 0o640, "chmod 0600"},
		{"private", 0o444, "chmod 0400"},
		{"private", 0o602, "chmod 0600"},
		{"credential", 0o400, ""},
		{"credential", 0o440, ""},
		{"credential", 0o460, "chmod 0440"},
		{"credential", 0o644, "chmod 0640"},
	} {
		path := write(t, "a key", "secret", c.mode)
		_, err := readers[c.reader](path)
		if c.mend == "" {
			if err != nil {
				t.Errorf("%s %04o: %v", c.reader, c.mode, err)
			}
			continue
		}
		if want := "; run: " + c.mend + " '" + path + "'"; !errors.Is(err, ErrMode) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s %04o: got %v, want ErrMode with %q", c.reader, c.mode, err, want)
		}
	}
}

func TestNotAFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(dir); err == nil || err.Error() != dir+" is not a regular file" {
		t.Errorf("a directory: got %v", err)
	}
	if _, err := Read(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: got %v", err)
	}
}

func TestCredentialNames(t *testing.T) {
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	want := "credential kek: CREDENTIALS_DIRECTORY is not set; start this as a systemd service with LoadCredential=kek:PATH: file does not exist"
	if _, err := ReadCredential("kek"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", t.TempDir())
	for _, name := range []string{"", "..", "../kek", "a/b", ".hidden"} {
		if _, err := ReadCredential(name); err == nil || !strings.HasSuffix(err.Error(), "is not the name of a credential") {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestReadErrorIsNotAShortFile(t *testing.T) {
	broken := errors.New("I/O error")
	if _, err := readAll("f", iotest.ErrReader(broken)); err != broken {
		t.Errorf("got %v", err)
	}
	half := iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader([]byte("ab"))))
	if _, err := readAll("f", half); err != iotest.ErrTimeout {
		t.Errorf("got %v, want the error and not the half that was read", err)
	}
}
