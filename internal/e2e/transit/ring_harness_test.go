package transit

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

var place = keyring.Bind("variable", "emea", "default", "app/db")

// home is where the rings of these tests live. They look at their store when told to.
func home() *keyring.Options {
	return &keyring.Options{Cluster: "prod", Region: "emea", RefreshInterval: -1}
}

func newStore(t testing.TB) *keystore.File {
	return keystore.NewFile(filepath.Join(t.TempDir(), "keystore.jsonl"))
}

// newLocal returns a KEK "aead" under a key file of its own.
func newLocal(t testing.TB, o wrappers.Options) *wrappers.KEK {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kek.key")
	if err := local.GenerateKeyFile(file); err != nil {
		t.Fatal(err)
	}
	return localKEK(t, file, o)
}

func localKEK(t testing.TB, file string, o wrappers.Options) *wrappers.KEK {
	t.Helper()
	w, err := local.FromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	k, err := wrappers.New(w, &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

func create(t testing.TB, store keystore.Store, keks ...*wrappers.KEK) *keyring.Ring {
	t.Helper()
	r, err := keyring.Create(t.Context(), store, keks, home())
	return opened(t, r, err)
}

func load(t testing.TB, store keystore.Store, keks ...*wrappers.KEK) *keyring.Ring {
	t.Helper()
	r, err := keyring.Load(t.Context(), store, keks, home())
	return opened(t, r, err)
}

func opened(t testing.TB, r *keyring.Ring, err error) *keyring.Ring {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// loadError wants Load to fail within the limit, and returns the error.
func loadError(t *testing.T, limit time.Duration, store keystore.Store, keks ...*wrappers.KEK) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	r, err := keyring.Load(ctx, store, keks, home())
	if err == nil {
		r.Close()
		t.Fatal("loaded")
	}
	if took := time.Since(began); took > limit {
		t.Errorf("Load took %v to fail, want at most %v", took, limit)
	}
	return err
}

func seal(t testing.TB, r *keyring.Ring, text string) []byte {
	t.Helper()
	msg, err := r.Seal(nil, []byte(text), place)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

func wantMessage(t testing.TB, r *keyring.Ring, msg []byte, text string) {
	t.Helper()
	got, err := r.Open(nil, msg, place)
	if err != nil || string(got) != text {
		t.Fatalf("Open: got %q, %v; want %q", got, err, text)
	}
}

func rotate(t testing.TB, r *keyring.Ring) {
	t.Helper()
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func rewrap(t testing.TB, r *keyring.Ring, keks ...*wrappers.KEK) *keyring.RewrapReport {
	t.Helper()
	report, err := r.Rewrap(t.Context(), keks...)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func contents(t testing.TB, store keystore.Store) *keystore.Contents {
	t.Helper()
	c, _, err := keystore.Fetch(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
