package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// TestDestroyIsInterrupted, before anything is destroyed: while it counts, and while it asks.
func TestDestroyIsInterrupted(t *testing.T) {
	silent, _ := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name    string
		ctx     context.Context
		in      io.Reader
		sources []source.Source
		want    error
		text    string
	}{
		{"while it counts", ctx, silent, []source.Source{source.Dir(t.TempDir(), "global", nil)}, context.Canceled, "census: "},
		{"while it asks", ctx, silent, nil, context.Canceled, "interrupted while reading standard input"},
		{"the terminal is gone", t.Context(), strings.NewReader("yes"), nil, io.EOF, "read standard input: EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ring, id := ringWithRetired(t)
			s := &site{cli: &cli{in: c.in, err: io.Discard}}
			err := s.destroyByForce(c.ctx, ring, c.sources, destruction{id: id, force: true})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want %q", err, c.text)
			}
			if tombstoneOf(ring, id) != nil {
				t.Error("the key is destroyed")
			}
		})
	}
}

// ringWithRetired returns a ring in memory, and a key of it that is retired.
func ringWithRetired(t *testing.T) (*keyring.Ring, keystore.ID) {
	t.Helper()
	w, err := local.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	kek, err := wrappers.New(w, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kek.Close() })
	ring, err := keyring.Create(t.Context(), keystore.NewMemory(), []*wrappers.KEK{kek}, &keyring.Options{Cluster: "dev", Region: "global"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ring.Close() })
	if _, err := ring.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return ring, ring.Keys()[0].ID
}
