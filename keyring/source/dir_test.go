package source_test

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keyring/source/sourcetest"
)

func rootOf(s source.Source) string { return strings.TrimPrefix(s.String(), "dir:") }

func fileOf(s source.Source, m sourcetest.Message) string {
	return filepath.Join(rootOf(s), m.Namespace, filepath.FromSlash(m.Path))
}

func text(sealed []byte) []byte { return append(base64.StdEncoding.AppendEncode(nil, sealed), '\n') }

// dirHarness writes every file as encode has it.
func dirHarness(encode func(sealed []byte) []byte) sourcetest.Harness {
	put := func(t *testing.T, s source.Source, m sourcetest.Message) {
		path := fileOf(s, m)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err = errors.Join(err, durable.Replace(durable.OS{}, path, encode(m.Sealed), durable.Attr{Mode: 0o640, Owner: durable.Unowned})); err != nil {
			t.Error(err)
		}
	}
	return sourcetest.Harness{
		New: func(t *testing.T, ms []sourcetest.Message) source.Source {
			s := source.Dir(t.TempDir(), sourcetest.Region, nil)
			for _, m := range ms {
				put(t, s, m)
			}
			return s
		},
		Again: func(_ *testing.T, s source.Source) source.Source {
			return source.Dir(rootOf(s), sourcetest.Region, nil)
		},
		Put: put,
		Remove: func(t *testing.T, s source.Source, m sourcetest.Message) {
			if err := os.Remove(fileOf(s, m)); err != nil {
				t.Error(err)
			}
		},
		Spoil: func(t *testing.T, s source.Source, m sourcetest.Message) {
			if err := os.WriteFile(fileOf(s, m), []byte("what?"), 0o600); err != nil {
				t.Error(err)
			}
		},
	}
}

func TestDir(t *testing.T) {
	t.Run("Text", func(t *testing.T) { sourcetest.Run(t, dirHarness(text)) })
	t.Run("Binary", func(t *testing.T) { sourcetest.Run(t, dirHarness(func(sealed []byte) []byte { return sealed })) })
}
