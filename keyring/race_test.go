package keyring_test

import (
	"context"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// gate is an engine whose Encrypt waits, so that a test can do something while a ring is wrapping.
type gate struct {
	*engine
	in, out chan struct{} // nil: does not wait
}

func (g *gate) Encrypt(ctx context.Context, plaintext []byte, o ...wrapping.Option) (*wrapping.BlobInfo, error) {
	if g.in != nil {
		g.in <- struct{}{}
		<-g.out
	}
	return g.engine.Encrypt(ctx, plaintext, o...)
}

// ringUnderTest is a ring and the KEK that it was made with.
type ringUnderTest struct {
	*keyring.Ring
	old *wrappers.KEK
}

// TestWrappingsDoNotUndoEachOther rewraps while another wrapping is under way: what the rewrap dropped must not come
// back, nor what it added be lost.
func TestWrappingsDoNotUndoEachOther(t *testing.T) {
	for name, change := range map[string]func(ringUnderTest) error{
		"new root": func(r ringUnderTest) error { _, err := r.RotateRoot(context.Background()); return err },
		"rewrap":   func(r ringUnderTest) error { _, err := r.Rewrap(context.Background(), r.old); return err },
	} {
		t.Run(name, func(t *testing.T) {
			store, b, g := keystore.NewMemory(), newEngine(t), &gate{engine: newEngine(t)}
			old, err := wrappers.New(g, &wrappers.Options{Provider: "test", Name: "old", Attempts: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer old.Close()
			r := create(t, store, old)
			g.in, g.out = make(chan struct{}), make(chan struct{})
			done := make(chan error)
			go func() { done <- change(ringUnderTest{r, old}) }()
			<-g.in
			if _, err := r.Rewrap(t.Context(), b.kek(t, "new")); err != nil {
				t.Fatal(err)
			}
			close(g.out)
			wantError(t, <-done, keystore.ErrConflict, "meanwhile")
			wantStanzas(t, store, []string{"test.new"}, nil)
			load(t, store, home(), b.kek(t, "new"))
			if _, err := r.Rotate(t.Context()); err != nil {
				t.Errorf("the ring lost the KEKs of the rewrap: %v", err)
			}
		})
	}
}
