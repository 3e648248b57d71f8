package keystore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/sealwax/sealwax/internal/faultfs"
	"github.com/sealwax/sealwax/keystore"
)

// gen returns the bytes of generation n. Generation 0 is no keystore at all.
func gen(n int) []byte { return fmt.Appendf(nil, "generation %d of these tests", n) }

func genDigest(n int) keystore.Digest {
	if n == 0 {
		return keystore.Digest{}
	}
	return keystore.DigestOf(gen(n))
}

// genOf returns the number of the generation that Read returned, and fails for anything but a whole one or none.
func genOf(data []byte, err error) (int, error) {
	switch {
	case errors.Is(err, keystore.ErrNotFound):
		return 0, nil
	case err != nil:
		return 0, err
	}
	for n := 1; n < 9; n++ {
		if string(data) == string(gen(n)) {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%q is no generation", data)
}

// diskAt returns a disk on which the generations 1 to n were written one after the other, all durable.
func diskAt(n int) *faultfs.Disk {
	disk := faultfs.NewDisk("/d")
	store := keystore.NewFileFS("/d/ks", disk.Process())
	for i := range n {
		if err := store.Write(context.Background(), genDigest(i), gen(i+1)); err != nil {
			panic(err)
		}
	}
	disk.Settle()
	return disk
}

// checkStore looks at what a disk holds, and then writes to it as the next process would.
func checkStore(d *faultfs.Disk, atLeast, atMost int) error {
	store := keystore.NewFileFS("/d/ks", d.Process())
	n, err := genOf(store.Read(context.Background()))
	if err != nil {
		return err
	}
	if n < atLeast || n > atMost {
		return fmt.Errorf("the store holds generation %d, want %d to %d", n, atLeast, atMost)
	}
	if prev := d.Get("/d/ks.prev"); prev != nil {
		if p, err := genOf(prev, nil); err != nil || p < n-2 || p > n {
			return fmt.Errorf("beside generation %d the previous one is %q", n, prev)
		}
	}
	d = d.Clone()
	store = keystore.NewFileFS("/d/ks", d.Process())
	if err := store.Write(context.Background(), genDigest(n), gen(n+1)); err != nil {
		return fmt.Errorf("the next write: %w", err)
	}
	return checkNames(d, n)
}

// checkNames reports what stands beside a keystore that should not.
func checkNames(d *faultfs.Disk, prev int) error {
	names := d.Names("/d")
	want := []string{"ks", "ks.lock", "ks.prev"}
	if prev == 0 {
		want = want[:2]
	}
	if !slices.Equal(names, want) {
		return fmt.Errorf("the directory holds %v, want %v", names, want)
	}
	if got := d.Get("/d/ks.prev"); prev > 0 && string(got) != string(gen(prev)) {
		return fmt.Errorf("the previous generation is %q, want %q", got, gen(prev))
	}
	return nil
}

// checkOutcome compares what a failed write said with what is there.
func checkOutcome(d *faultfs.Disk, old int, err error) error {
	if err == nil || errors.Is(err, keystore.ErrOutcomeUnknown) || errors.Is(err, faultfs.ErrKilled) {
		return nil
	}
	if n, readErr := raw(d); readErr != nil || n != old {
		return fmt.Errorf("after %q the store holds generation %d (%v), want %d", err, n, readErr, old)
	}
	return nil
}

// raw returns the generation that a disk holds, by looking at it from outside.
func raw(d *faultfs.Disk) (int, error) {
	data := d.Get("/d/ks")
	if data == nil {
		return 0, nil
	}
	return genOf(data, nil)
}

func mustDo(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
