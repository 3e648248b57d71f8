package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/keyring/source"
)

func TestSources(t *testing.T) {
	dir := t.TempDir()
	backup := filepath.Join(dir, "backup")
	if err := os.Symlink(dir, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(backup, 0o755); err != nil {
		t.Fatal(err)
	}
	s := &site{config: &config.Config{File: "keyring.hcl", Region: "global", Sources: []config.Source{
		{Name: "live", Type: "jsonl", Path: "live.jsonl"}, {Name: "backup", Type: "dir", Path: backup, ReadOnly: true},
	}}}
	for _, c := range []struct {
		args []string
		want string // names of the sources, or the error
	}{
		{nil, "jsonl:live.jsonl dir:" + backup + " (read-only)"},
		{[]string{"backup"}, "dir:" + backup + " (read-only)"},
		{[]string{"dir:other", "live"}, "dir:other jsonl:live.jsonl"},
		{[]string{"dir:" + dir + "/link/backup/."}, "dir:" + dir + "/link/backup/. (read-only)"},
		{[]string{"jsonl:" + backup}, "jsonl:" + backup},
		{[]string{"live", "jsonl:live.jsonl"}, "source jsonl:live.jsonl is live once more"},
		{[]string{"live", "jsonl:./live.jsonl"}, "source jsonl:./live.jsonl is live once more"},
		{[]string{"dir:" + dir + "/link", "dir:" + dir}, "source dir:" + dir + " is dir:" + dir + "/link once more"},
		{[]string{"nobody"}, `source "nobody": keyring.hcl has no source block of that name; dir:nobody or jsonl:nobody, if it is a path`},
		{[]string{"s3:bucket"}, `source "s3:bucket": it is dir:ROOT, jsonl:FILE`},
		{[]string{"dir:"}, `source "dir:": it is dir:ROOT, jsonl:FILE`},
	} {
		got, err := s.sources(c.args)
		if _, isUsage := errors.AsType[usageError](err); err != nil && !isUsage {
			t.Errorf("%q: %v is no usage error", c.args, err)
		}
		if text := describe(t, got, err); text != c.want && !(err != nil && strings.Contains(text, c.want)) {
			t.Errorf("%q: got %s, want %s", c.args, text, c.want)
		}
	}
	var notes strings.Builder
	s.cli = &cli{err: &notes}
	s.config.Sources = append(s.config.Sources, config.Source{Name: "newest", Type: "dir", Path: dir + "/link/backup"})
	all, err := s.sources(nil)
	if got, want := describe(t, all, err), "jsonl:live.jsonl dir:"+backup+" (read-only)"; got != want {
		t.Errorf("with a link to the backup: got %s, want %s", got, want)
	}
	if got, want := notes.String(), "note: source newest leads to where backup is, and counts once\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !s.namesReadOnly("newest") || slices.Contains(s.writableSources(), "newest") {
		t.Error("a block that leads to a backup may be written")
	}
	s.config.Sources = nil
	if _, err := s.sources(nil); err == nil || !strings.Contains(err.Error(), "no source given, and keyring.hcl has no source block") {
		t.Errorf("without any source: %v", err)
	}
}

// describe returns the names of sources, and which refuse to be written.
func describe(t *testing.T, sources []source.Source, err error) string {
	if err != nil {
		return err.Error()
	}
	var names []string
	for _, one := range sources {
		name := one.String()
		if errors.Is(one.Replace(t.Context(), source.Record{Cursor: "1"}, nil), source.ErrReadOnly) {
			name += " (read-only)"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}
