package keystore_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

// The keystores in testdata open for ever. They never change; new ones are added.
func TestKeystoresOpenForEver(t *testing.T) {
	for _, path := range glob(t, "../testdata/keystores/v1/*.jsonl") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			file := readFile(t, path)
			c, err := keystore.Parse(file)
			if err != nil {
				t.Fatal(err)
			}
			checkSameAgain(t, file, c)
			checkJSON(t, file, len(c.Keys))
		})
	}
}

// checkJSON: other programs read the lines as JSON and find a header, the keys and a signature.
func checkJSON(t *testing.T, file []byte, keys int) {
	t.Helper()
	lines := bytes.SplitAfter(file, []byte("\n"))
	if len(lines) != keys+3 || len(lines[keys+2]) != 0 {
		t.Fatalf("%d lines for %d keys", len(lines), keys)
	}
	for i, line := range lines[:keys+2] {
		var object map[string]any
		if err := json.Unmarshal(line, &object); err != nil {
			t.Errorf("line %d: %v", i+1, err)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, line); err != nil || compact.String()+"\n" != string(line) {
			t.Errorf("line %d is not compact: %v", i+1, err)
		}
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
