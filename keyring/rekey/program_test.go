package rekey

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sealwax/sealwax/keyring"
)

// TestAProgramThatWritesItsFilesLosesNothing has a program write its files by renames, without looking at what is
// there, all through several rekeys of their folder. It has not heard of any rotation, so that all that it writes is to
// be re-sealed.
func TestAProgramThatWritesItsFilesLosesNothing(t *testing.T) {
	const n = 60
	g, ring := newGround(t, "dir", n)
	stale, err := g.open(keyring.Load, &keyring.Options{RefreshInterval: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer stale.Close()
	var last [n]string
	done := make(chan struct{})
	var program sync.WaitGroup
	program.Go(func() {
		for write := 0; ; write++ {
			select {
			case <-done:
				return
			default:
			}
			i := write * 7 % n
			last[i] = fmt.Sprint("write ", write)
			if err := g.save(stale, i, last[i]); err != nil {
				t.Error(err)
				return
			}
		}
	})
	var sum Counts
	for range 10 {
		rotate(t, ring)
		r := mustRun(t, ring, g.source(), nil)
		sum.Resealed, sum.Skipped, sum.Failed = sum.Resealed+r.Resealed, sum.Skipped+r.Skipped, sum.Failed+r.Failed
	}
	close(done)
	program.Wait()
	mustRun(t, ring, g.source(), nil)
	t.Logf("%d re-sealed, %d skipped", sum.Resealed, sum.Skipped)
	if sum.Failed > 0 {
		t.Errorf("%d failed", sum.Failed)
	}
	found := 0
	for rec, err := range g.source().Records(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		var i int
		fmt.Sscanf(filepath.Base(rec.Where), "%d", &i)
		got, err := ring.Open(nil, rec.Sealed, rec.Place)
		if err != nil || last[i] != "" && string(got) != last[i] {
			t.Errorf("%s opens as %q, %v; %q was written last", rec.Where, got, err, last[i])
		}
		found++
	}
	if found != n {
		t.Errorf("%d messages are there, want %d", found, n)
	}
}

// save writes message i as a program does: beside the file, and then into its place.
func (g ground) save(ring *keyring.Ring, i int, text string) error {
	path := fmt.Sprintf("app/%04d", i)
	msg, err := ring.Seal(nil, []byte(text), keyring.Bind("variable", "global", "default", path))
	if err != nil {
		return err
	}
	file, temp := filepath.Join(g.dir, "root", "default", path), filepath.Join(g.dir, "temp")
	if err := os.WriteFile(temp, []byte(base64.StdEncoding.EncodeToString(msg)), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, file)
}
