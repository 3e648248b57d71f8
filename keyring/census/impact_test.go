package census

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/discovery"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keyring/source/sourcetest"
	"github.com/sealwax/sealwax/keystore"
)

func signing(o *keyring.Options) { o.Signing.Algorithms = []string{"EdDSA", "ES256"} }

func mustImpact(t *testing.T, w *world, id keystore.ID, s ...source.Source) *Exposure {
	t.Helper()
	n, err := Impact(t.Context(), w.ring, s, id, &discovery.Options{TokenLifetime: time.Hour, Lease: time.Minute, ClockSkew: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestImpactCountsByPlace(t *testing.T) {
	w := newWorld(t, nil)
	old := w.active(t)
	live := sourcetest.NewMemory(slices.Concat(seal(t, w.ring, "default", 3, 10), seal(t, w.ring, "ops", 5, 10)))
	w.rotate(t)
	for _, m := range seal(t, w.ring, "new", 2, 10) {
		live.Put(m, nil)
	}
	live.Put(sourcetest.Message{Path: "lost"}, fs.ErrPermission)
	live.Put(sourcetest.Message{Path: "README"}, source.ErrNoMessage)
	live.Put(sourcetest.Message{Path: "garbage", Sealed: []byte("hello")}, nil)
	n := mustImpact(t, w, old, live)
	const size = 10 + keyring.Overhead
	want := []Place{
		{Source: "memory", Namespace: "ops", Count: keyring.Count{Messages: 5, Bytes: 5 * size}},
		{Source: "memory", Namespace: "default", Count: keyring.Count{Messages: 3, Bytes: 3 * size}},
	}
	if !slices.Equal(n.Places, want) || n.Count != (keyring.Count{Messages: 8, Bytes: 8 * size}) || n.Unread != 1 || len(n.Sources) != 1 {
		t.Errorf("got %+v", n)
	}
	if n.Key.State != keystore.Retired || n.Key.Activated.IsZero() || len(n.Tokens) != 0 {
		t.Errorf("key %+v", n.Key)
	}
}

func TestImpactListsBoundedPlaces(t *testing.T) {
	w := newWorld(t, nil)
	msg := seal(t, w.ring, "default", 1, 10)[0].Sealed
	var ms []sourcetest.Message
	for i := range maxPlaces + 200 {
		ms = append(ms, sourcetest.Message{Namespace: fmt.Sprintf("n%04d", i), Path: "p", Sealed: msg})
	}
	n := mustImpact(t, w, w.active(t), sourcetest.NewMemory(ms))
	last := n.Places[len(n.Places)-1]
	if len(n.Places) != maxPlaces || !last.Others || last.Count.Messages != 201 || n.Places[0].Namespace != "n0000" || n.Count.Messages != maxPlaces+200 {
		t.Errorf("%d places, the last %+v, of %d messages", len(n.Places), last, n.Count.Messages)
	}
}

// TestImpactOnTokens follows a key through its life.
func TestImpactOnTokens(t *testing.T) {
	w := newWorld(t, signing)
	id := w.active(t)
	want := func(accepted bool, until time.Time) {
		t.Helper()
		tokens := mustImpact(t, w, id).Tokens
		if len(tokens) != 2 || tokens[0] != (Forgery{"EdDSA", accepted, until}) || tokens[1].Algorithm != "ES256" {
			t.Errorf("got %+v, want %v, %v", tokens, accepted, until)
		}
	}
	want(true, time.Time{})
	w.rotate(t)
	end := w.now.Add(time.Hour + time.Minute + 2*time.Second)
	want(true, end)
	w.now = end
	want(false, end)
	if err := w.ring.MarkCompromised(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	want(false, time.Time{})
	if err := w.ring.DestroyForced(t.Context(), id, nil); err != nil {
		t.Fatal(err)
	}
	if n := mustImpact(t, w, id); len(n.Tokens) != 0 || n.Key.State != keystore.Destroyed {
		t.Errorf("of a destroyed key: %+v", n)
	}
}

func TestImpactRefuses(t *testing.T) {
	w := newWorld(t, signing)
	if _, err := Impact(t.Context(), w.ring, nil, keystore.ID{1}, nil); !errors.Is(err, keyring.ErrUnknownKey) || !strings.Contains(err.Error(), "look with 'keyring list'") {
		t.Errorf("of a key that is not there: %v", err)
	}
	broken := errors.New("folder ops: permission denied")
	n, err := Impact(t.Context(), w.ring, sources(failing(seal(t, w.ring, "default", 3, 1), broken)), w.active(t), nil)
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "census: impact: not finished: memory: ") || n.Count.Messages != 3 || len(n.Sources) != 0 {
		t.Errorf("of a source that fails: %v, %+v", err, n)
	}
	old := w.active(t)
	w.rotate(t)
	if _, err := Impact(t.Context(), w.ring, nil, old, &discovery.Options{TokenLifetime: -1}); err == nil || !strings.Contains(err.Error(), "TokenLifetime") {
		t.Errorf("with options that make no sense: %v", err)
	}
	w.ring.Close()
	if n, err := Impact(t.Context(), w.ring, nil, old, nil); n != nil || !errors.Is(err, keyring.ErrClosed) {
		t.Errorf("on a closed ring: %v, %v", n, err)
	}
}
