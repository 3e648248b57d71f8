package rekey

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// childEnv tells the test binary to be a rekey that is going to be killed: of which kind of source, in which folder, at
// what rate.
const childEnv = "REKEY_CHILD"

// child is what the killed process does. It says when it begins.
func child(args string) int {
	var kind, dir string
	var rate float64
	fmt.Sscan(args, &kind, &dir, &rate)
	g := ground{kind, dir}
	ring, err := g.open(keyring.Load, &keyring.Options{ReadOnly: true})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("ready")
	r, err := Run(context.Background(), ring, g.source(), &Options{Rate: rate, Verify: true, FlushEvery: time.Millisecond})
	if err != nil || r.Failed > 0 {
		fmt.Println(r.Failures, err)
		return 1
	}
	return 0
}

// A ground is a folder with a keystore, the key of its KEK, and a source of one kind.
type ground struct{ kind, dir string }

func (g ground) source() source.Source {
	if g.kind == "dir" {
		return source.Dir(filepath.Join(g.dir, "root"), "global", nil)
	}
	return source.JSONL(filepath.Join(g.dir, "f.jsonl"), "global", nil)
}

func (g ground) open(open func(context.Context, keystore.Store, []*wrappers.KEK, *keyring.Options) (*keyring.Ring, error), o *keyring.Options) (*keyring.Ring, error) {
	key, err := os.ReadFile(filepath.Join(g.dir, "kek"))
	if err != nil {
		return nil, err
	}
	w, err := local.New(key)
	if err != nil {
		return nil, err
	}
	kek, err := wrappers.New(w, nil)
	if err != nil {
		return nil, err
	}
	o.Cluster, o.Region = "dev", "global"
	return open(context.Background(), keystore.NewFile(filepath.Join(g.dir, "keystore.jsonl")), []*wrappers.KEK{kek}, o)
}

// newGround returns a ground with n messages, and its ring.
func newGround(t *testing.T, kind string, n int) (ground, *keyring.Ring) {
	t.Helper()
	g := ground{kind, t.TempDir()}
	if err := os.WriteFile(filepath.Join(g.dir, "kek"), bytes.Repeat([]byte{7}, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	ring, err := g.open(keyring.Create, &keyring.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ring.Close() })
	var lines bytes.Buffer
	for i := range n {
		path := fmt.Sprintf("app/%04d", i)
		msg, err := ring.Seal(nil, plaintext(i), keyring.Bind("variable", "global", "default", path))
		if err != nil {
			t.Fatal(err)
		}
		if kind == "jsonl" {
			json.NewEncoder(&lines).Encode(map[string]any{"namespace": "default", "path": path, "sealed": msg})
			continue
		}
		file := filepath.Join(g.dir, "root", "default", path)
		err = os.MkdirAll(filepath.Dir(file), 0o700)
		if err = errors.Join(err, os.WriteFile(file, []byte(base64.StdEncoding.EncodeToString(msg)+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(g.dir, "f.jsonl"), lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return g, ring
}

// check fails unless all n messages are there and open. It returns how many are under the active key.
func (g ground) check(t *testing.T, ring *keyring.Ring, n int) (moved int) {
	t.Helper()
	active, err := ring.ActiveKey()
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for rec, err := range g.source().Records(t.Context(), "") {
		if err = errors.Join(err, rec.Err); err != nil {
			t.Fatalf("%s: %v", rec.Where, err)
		}
		got, err := ring.Open(nil, rec.Sealed, rec.Place)
		if err != nil {
			t.Fatalf("%s: %v", rec.Where, err)
		}
		texts = append(texts, string(got))
		if id, _ := keyring.MessageKey(rec.Sealed); id == active {
			moved++
		}
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if len(texts) != n {
		t.Fatalf("%d different messages are there, want %d", len(texts), n)
	}
	return moved
}

// finish runs a rekey to its end, and another one that must have nothing left to do. Nothing else may be left either.
func (g ground) finish(t *testing.T, ring *keyring.Ring, n int) {
	t.Helper()
	r := mustRun(t, ring, g.source(), nil)
	if r.Failed != 0 || r.Skipped != 0 || r.Records != int64(n) || g.check(t, ring, n) != n {
		t.Fatalf("after the kills a rekey ends with %+v, %v", r.Counts, r.Failures)
	}
	wantCounts(t, mustRun(t, ring, g.source(), nil).Counts, Counts{Records: int64(n), Current: int64(n)})
	filepath.WalkDir(g.dir, func(path string, d os.DirEntry, err error) error {
		if name := filepath.Base(path); err != nil || strings.Contains(name, ".tmp-") || strings.Contains(name, ".swap-") {
			t.Errorf("left over: %s, %v", path, err)
		}
		return nil
	})
}

// command returns the child.
func (g ground) command(rate float64) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+fmt.Sprint(g.kind, " ", g.dir, " ", rate))
	return cmd
}

// TestKilledAtAnyTime kills real processes at random times. Everything opens after each of them, and the next one goes on.
func TestKilledAtAnyTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const n, kills = 300, 25
	for _, c := range []struct {
		kind  string
		rate  float64
		takes time.Duration
	}{
		{"dir", 1500, 300 * time.Millisecond},
		{"jsonl", 300, 1200 * time.Millisecond}, // for several flushes
	} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			g, ring := newGround(t, c.kind, n)
			middle := 0
			for range kills {
				rotate(t, ring)
				g.killAfter(t, c.rate, rand.N(c.takes))
				if moved := g.check(t, ring, n); 0 < moved && moved < n {
					middle++
				}
			}
			g.finish(t, ring, n)
			t.Logf("%d kills, %d of them with some records moved and some not", kills, middle)
			if middle == 0 {
				t.Error("no kill was in the middle")
			}
		})
	}
}

// killAfter starts a child and kills it so long after it is ready.
func (g ground) killAfter(t *testing.T, rate float64, wait time.Duration) {
	t.Helper()
	cmd := g.command(rate)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the child says %q, %v", line, err)
	}
	time.Sleep(wait) // of another process: there is nothing to wait for but time
	cmd.Process.Kill()
	cmd.Wait() // that it was killed is no news
}
