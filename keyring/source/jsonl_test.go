package source_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keyring/source/sourcetest"
)

// table is the program that keeps its messages in a file: it has one lock, and replaces the file by a rename.
type table struct{ mu sync.Mutex }

func (b *table) change(t *testing.T, s source.Source, edit func(lines []string) []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	path := strings.TrimPrefix(s.String(), "jsonl:")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	lines := edit(strings.SplitAfter(string(data), "\n"))
	if err := durable.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Error(err)
	}
}

func row(m sourcetest.Message) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.Encode(map[string]any{"note": map[string]string{"sealed": "not this"}, "namespace": m.Namespace, "path": m.Path, "sealed": m.Sealed, "z": 1e3})
	return b.String()
}

func indexOf(lines []string, m sourcetest.Message) int {
	return slices.IndexFunc(lines, func(l string) bool {
		var got sourcetest.Message
		return json.Unmarshal([]byte(l), &got) == nil && got.Namespace == m.Namespace && got.Path == m.Path
	})
}

func (b *table) harness() sourcetest.Harness {
	return sourcetest.Harness{
		New: func(t *testing.T, ms []sourcetest.Message) source.Source {
			var lines []string
			for _, m := range ms {
				lines = append(lines, row(m))
			}
			path := filepath.Join(t.TempDir(), "messages.jsonl")
			if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o640); err != nil {
				t.Fatal(err)
			}
			return source.JSONL(path, sourcetest.Region, nil)
		},
		Again: func(_ *testing.T, s source.Source) source.Source {
			return source.JSONL(strings.TrimPrefix(s.String(), "jsonl:"), sourcetest.Region, nil)
		},
		Put: func(t *testing.T, s source.Source, m sourcetest.Message) {
			b.change(t, s, func(lines []string) []string { lines[indexOf(lines, m)] = row(m); return lines })
		},
		Remove: func(t *testing.T, s source.Source, m sourcetest.Message) {
			b.change(t, s, func(lines []string) []string { i := indexOf(lines, m); return slices.Delete(lines, i, i+1) })
		},
		Spoil: func(t *testing.T, s source.Source, m sourcetest.Message) {
			b.change(t, s, func(lines []string) []string {
				i := indexOf(lines, m)
				lines[i] = strings.Replace(lines[i], "}\n", "\n", 1)
				return lines
			})
		},
	}
}

func TestJSONL(t *testing.T) { sourcetest.Run(t, new(table).harness()) }
