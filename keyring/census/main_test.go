package census

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/bubble"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source/sourcetest"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// TestMain also finds goroutines that a census left behind.
func TestMain(m *testing.M) {
	bubble.Prepare()
	goleak.VerifyTestMain(m)
}

// world is a keystore with two rings that look at it only when they are told to, and a clock.
type world struct {
	ring, other *keyring.Ring
	now         time.Time
	store       *store
}

// store fails once it is told to.
type store struct {
	keystore.Store
	fails atomic.Pointer[error]
}

func (s *store) Read(ctx context.Context) ([]byte, error) {
	if err := s.fails.Load(); err != nil {
		return nil, *err
	}
	return s.Store.Read(ctx)
}

func newWorld(t testing.TB, change func(*keyring.Options)) *world {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	wrapper, err := local.New(key)
	if err != nil {
		t.Fatal(err)
	}
	kek, err := wrappers.New(wrapper, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kek.Close() })
	w := &world{now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	o := &keyring.Options{Cluster: "dev", Region: sourcetest.Region, RefreshInterval: -1, Lease: time.Minute,
		Clock: func() time.Time { return w.now }}
	if change != nil {
		change(o)
	}
	w.store = &store{Store: keystore.NewMemory()}
	keks := []*wrappers.KEK{kek}
	if w.ring, err = keyring.Create(context.Background(), w.store, keks, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.ring.Close() })
	if w.other, err = keyring.Load(context.Background(), w.store, keks, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.other.Close() })
	return w
}

func (w *world) rotate(t testing.TB) (active keystore.ID) {
	t.Helper()
	id, err := w.ring.Rotate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *world) active(t testing.TB) keystore.ID {
	t.Helper()
	id, err := w.ring.ActiveKey()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// seal returns n messages of size bytes in a namespace, under the active key of a ring.
func seal(t testing.TB, r *keyring.Ring, namespace string, n, size int) []sourcetest.Message {
	t.Helper()
	var ms []sourcetest.Message
	for i := range n {
		path := fmt.Sprintf("app/%d", i)
		msg, err := r.Seal(nil, bytes.Repeat([]byte("s"), size), keyring.Bind("variable", sourcetest.Region, namespace, path))
		if err != nil {
			t.Fatal(err)
		}
		ms = append(ms, sourcetest.Message{Namespace: namespace, Path: path, Sealed: msg})
	}
	return ms
}
