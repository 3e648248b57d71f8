package doctor

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestFiles(t *testing.T) {
	for _, c := range []struct {
		name string
		file os.FileMode
		dir  os.FileMode
		want string
	}{
		{"private", 0o600, 0o700, "ok fake.eu files: key 0600"},
		{"group may read", 0o640, 0o700, "ok fake.eu files: key 0640"},
		{"everybody may read", 0o644, 0o700, "warning fake.eu files: others have access to "},
		{"group may write", 0o620, 0o700, "warning fake.eu files: others can replace the secret in it | chmod go-w,o-rwx "},
		{"folder", 0o600, 0o770, "warning fake.eu files: others can put another file in the place of "},
		{"sticky folder", 0o600, 0o777 | os.ModeSticky, "ok fake.eu files: key 0600"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "key")
			if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Chmod(file, c.file), os.Chmod(dir, c.dir)); err != nil {
				t.Fatal(err)
			}
			r := Examine(t.Context(), newCase(patient(t, "eu", newFake(), file, filepath.Join(dir, "missing"))))
			want(t, r.Findings, c.want)
		})
	}
}

func TestKeyBesideTheKeystore(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "key")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := newCase(patient(t, "eu", newFake(), file))
	c.Keystore.Path = filepath.Join(dir, "keystore.jsonl")
	want(t, Examine(t.Context(), c).Findings, "warning fake.eu files: "+file+" lies beside the keystore")
}

func TestConfigThatOthersCanWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keyring.hcl")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Chmod(file, 0o620)); err != nil {
		t.Fatal(err)
	}
	c := newCase(patient(t, "eu", newFake()))
	c.File = file
	want(t, Examine(t.Context(), c).Findings, "warning config mode: others can change "+file+" | its mode is 0620 | they decide which KEKs get the root and which identity is trusted | chmod go-w "+file)
}

func TestPreviousGeneration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keystore.jsonl.prev")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := stored(t, nil, patient(t, "eu", newFake()))
	c.Keystore.Previous = file
	want(t, Examine(t.Context(), c).Findings, "ok keystore previous: the generation before is in "+file)
}
