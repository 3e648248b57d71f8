package local

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestGeneratedKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kek.key")
	if err := GenerateKeyFile(path); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if !bytes.HasPrefix(before, []byte("sealwax-kek-v1:")) || !bytes.HasSuffix(before, []byte("=\n")) {
		t.Errorf("not a line with a key, %d bytes", len(before))
	}

	err = GenerateKeyFile(path)
	if !errors.Is(err, fs.ErrExist) || !strings.HasPrefix(err.Error(), "local: make key file: open ") {
		t.Errorf("a second key in its place: got %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the key was touched, %v", err)
	}
	if err := GenerateKeyFile(filepath.Join(t.TempDir(), "no", "kek.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such directory: got %v", err)
	}
}

func TestFromFileReadsAtOnce(t *testing.T) {
	if _, err := FromFile(filepath.Join(t.TempDir(), "kek.key")); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "local: ") {
		t.Errorf("got %v", err)
	}
}

func TestFromCredential(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	if _, err := FromCredential("kek"); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "local: ") {
		t.Errorf("missing: %v", err)
	}
	if err := GenerateKeyFile(filepath.Join(dir, "kek")); err != nil {
		t.Fatal(err)
	}
	if _, err := FromCredential("kek"); err != nil {
		t.Error(err)
	}
}

func TestKeyTextHasOneSpelling(t *testing.T) {
	text := strings.TrimSuffix(string(encode(testKey).Expose()), "\n")
	if key, err := decode([]byte(text)); err != nil || !bytes.Equal(key.Expose(), testKey) {
		t.Fatalf("got %d bytes, %v", key.Len(), err)
	}
	body := strings.TrimPrefix(text, textPrefix)
	for name, other := range map[string]string{
		"empty":              "",
		"prefix only":        textPrefix,
		"no prefix":          body,
		"other prefix":       strings.ToUpper(textPrefix) + body,
		"raw bytes":          string(testKey),
		"31 bytes":           textPrefix + body[:40] + "Bw==",
		"33 bytes":           textPrefix + body[:43] + "A",
		"no padding":         strings.TrimSuffix(text, "="),
		"trailing bits":      textPrefix + body[:42] + "d=",
		"a space behind":     text + " ",
		"a line break in it": textPrefix + body[:20] + "\n" + body[21:],
		"two keys":           text + "\n" + text,
		"not base64":         textPrefix + "!" + body[1:],
	} {
		if key, err := decode([]byte(other)); err != errText {
			t.Errorf("%s: got %d bytes, %v", name, key.Len(), err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(testKey).Expose())
	f.Add([]byte(textPrefix))
	f.Fuzz(func(t *testing.T, text []byte) {
		if key, err := decode(text); err == nil && string(encode(key.Expose()).Expose()) != string(text)+"\n" {
			t.Error("a key with two spellings")
		}
	})
}
