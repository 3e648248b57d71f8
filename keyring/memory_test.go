package keyring

import (
	"crypto/fips140"
	"runtime"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

// TestMemoryOfSigningKeys: a ring keeps every key ready to open and its public half ready to verify. A private half is
// held by the active key only, and only once it has signed; one of RSA takes 3 KiB in crypto/rsa, which keeps all its
// numbers twice.
func TestMemoryOfSigningKeys(t *testing.T) {
	if fips140.Enabled() {
		t.Skip("a collection of garbage takes the generators that tests in bubbles need: see internal/bubble")
	}
	r := signingRing(t, "RS256")
	const n = 200
	edit(t, r, func(c *keystore.Contents, held *root) {
		for range n {
			k := newKey(held, c.Written, nil)
			k.State, k.Retired, k.Signing = keystore.Retired, c.Written, c.Keys[0].Signing
			c.Keys = append(c.Keys, k)
		}
	})
	held := r.state.Load()
	kept := make([]any, n)
	grown := func(f func()) int {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		f()
		runtime.GC()
		runtime.ReadMemStats(&after)
		return int(after.HeapAlloc-before.HeapAlloc) / n
	}
	for _, c := range []struct {
		what string
		most int
		f    func()
	}{
		{"a key of a ring with an RSA verification key", 3 << 10, func() {
			s := newState(held.contents, held.digest, held.root, nil)
			s.verification()
			kept[0] = s
		}},
		{"an open RSA signing key", 9 << 9, func() {
			for i := range kept {
				s, err := openSigner(held.root, held.contents.Active(), 0)
				if err != nil {
					t.Fatal(err)
				}
				kept[i] = s
			}
		}},
	} {
		got := grown(c.f)
		t.Logf("%s takes %d bytes", c.what, got)
		if got > c.most || got < c.most/4 {
			t.Errorf("%s takes %d bytes, want at most %d", c.what, got, c.most)
		}
	}
	runtime.KeepAlive(kept)
}
