package doctor

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSources(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "app.jsonl")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		source Source
		want   string
	}{
		{"folder", Source{"app", "dir", dir}, "ok sources path: app is dir:" + dir},
		{"file", Source{"app", "jsonl", file}, "ok sources path: app is jsonl:" + file},
		{"nothing", Source{"app", "dir", dir + "/away"}, "problem sources path: app cannot be read: " + dir + "/away | stat " + dir +
			"/away: no such file or directory | what lies there is not counted, so no key can be destroyed | mend what the cause says, then run 'keyring doctor' again"},
		{"a file for a folder", Source{"app", "dir", file}, "problem sources path: app cannot be read: " + file + " | its type is \"dir\", and that is a file"},
		{"a folder for a file", Source{"app", "jsonl", dir}, "problem sources path: app cannot be read: " + dir + " | its type is \"jsonl\", and that is a folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newCase(patient(t, "eu", newFake()))
			r.Sources = []Source{c.source}
			want(t, Examine(t.Context(), r).Findings, c.want)
		})
	}
}
