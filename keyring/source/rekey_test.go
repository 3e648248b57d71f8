package source_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/rekey"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// rekeyed is how many messages the sources of this file have: enough for a folder to be left and another one to be entered.
const rekeyed = 5

func pathOf(i int) string      { return fmt.Sprintf("app%d/%d", i/3, i) }
func plaintextOf(i int) string { return fmt.Sprint("secret ", i) }

// rekeyRing returns a ring with a key for the messages and a newer one, which is active, and the messages.
func rekeyRing(t *testing.T) (*keyring.Ring, [][]byte) {
	t.Helper()
	w, err := local.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	kek, err := wrappers.New(w, nil)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Create(t.Context(), keystore.NewMemory(), []*wrappers.KEK{kek}, &keyring.Options{Cluster: "dev", Region: "r", RefreshInterval: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ring.Close() })
	var messages [][]byte
	for i := range rekeyed {
		msg, err := ring.Seal(nil, []byte(plaintextOf(i)), keyring.Bind("variable", "r", "ns", pathOf(i)))
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, msg)
	}
	if _, err := ring.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return ring, messages
}

// TestRekeyIsKilledAtEveryCall kills a rekey before each call to the file system in turn. After each kill all messages
// are there and open, and the next rekey leaves nothing to do, and nothing lying about.
func TestRekeyIsKilledAtEveryCall(t *testing.T) {
	ring, messages := rekeyRing(t)
	for _, c := range []struct {
		name  string
		write func(t *testing.T, dir string)
		open  func(kill int, dir string) (source.Source, interface{ Alive() bool })
		again func(dir string) source.Source
	}{
		{"Dir", func(t *testing.T, dir string) {
			for i, msg := range messages {
				file := filepath.Join(dir, "ns", pathOf(i))
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, text(msg), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}, func(kill int, dir string) (source.Source, interface{ Alive() bool }) {
			m := source.KillBefore(kill)
			return m.Dir(dir, "r"), m
		}, func(dir string) source.Source { return source.Dir(dir, "r", nil) }},
		{"JSONL", func(t *testing.T, dir string) {
			var b bytes.Buffer
			for i, msg := range messages {
				fmt.Fprintf(&b, `{"path": %q, "namespace": "ns", "sealed": %q}`+"\n", pathOf(i), bytes.TrimSpace(text(msg)))
			}
			if err := os.WriteFile(filepath.Join(dir, "f"), b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}, func(kill int, dir string) (source.Source, interface{ Alive() bool }) {
			m := source.KillBefore(kill)
			return m.JSONL(filepath.Join(dir, "f"), "r"), m
		}, func(dir string) source.Source { return source.JSONL(filepath.Join(dir, "f"), "r", nil) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			after := make(map[int64]int)
			for kill := 0; ; kill++ {
				dir := t.TempDir()
				c.write(t, dir)
				s, m := c.open(kill, dir)
				rekey.Run(t.Context(), ring, s, nil) // what it says nobody hears
				s.Close()                            // as the system closes files and takes locks away
				wantMessages(t, kill, ring, c.again(dir))
				last := c.again(dir)
				r, err := rekey.Run(t.Context(), ring, last, nil)
				if err != nil || r.Failed > 0 || r.Resealed+r.Current != rekeyed {
					t.Fatalf("after kill %d a rekey ends with %+v, %v, %v", kill, r.Counts, r.Failures, err)
				}
				last.Close()
				after[r.Resealed]++
				wantMessages(t, kill, ring, c.again(dir))
				wantNothingLeft(t, kill, dir)
				if m.Alive() {
					t.Logf("%d calls; by how many records were left to move: %v", kill, after)
					return
				}
			}
		})
	}
}

func wantMessages(t *testing.T, kill int, ring *keyring.Ring, s source.Source) {
	t.Helper()
	found := make(map[string]bool)
	for rec, err := range s.Records(t.Context(), "") {
		if err != nil || rec.Err != nil {
			t.Fatalf("after kill %d: %s: %v, %v", kill, rec.Where, err, rec.Err)
		}
		got, err := ring.Open(nil, rec.Sealed, rec.Place)
		if err != nil {
			t.Fatalf("after kill %d: %s: %v", kill, rec.Where, err)
		}
		found[string(got)] = true
	}
	for i := range rekeyed {
		if !found[plaintextOf(i)] {
			t.Fatalf("after kill %d message %d is lost", kill, i)
		}
	}
	if len(found) != rekeyed {
		t.Fatalf("after kill %d there are %d messages", kill, len(found))
	}
}

func wantNothingLeft(t *testing.T, kill int, dir string) {
	t.Helper()
	filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if name := filepath.Base(path); err != nil || bytes.Contains([]byte(name), []byte(".tmp-")) || bytes.Contains([]byte(name), []byte(".swap-")) {
			t.Errorf("after kill %d there is %s: %v", kill, path, err)
		}
		return nil
	})
}
