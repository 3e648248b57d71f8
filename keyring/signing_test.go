package keyring

import (
	"bytes"
	"context"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func TestSigningOptions(t *testing.T) {
	for _, c := range []struct {
		name    string
		signing Signing
		text    string // "" for one that is right
	}{
		{"none", Signing{}, ""},
		{"all", Signing{Algorithms: []string{"RS256", "EdDSA", "ES256"}, RSABits: 3072}, ""},
		{"unknown", Signing{Algorithms: []string{"EdDSA", "HS256"}}, `Options.Signing: there is no algorithm "HS256": there are EdDSA, ES256, RS256`},
		{"another spelling", Signing{Algorithms: []string{"eddsa"}}, `no algorithm "eddsa"`},
		{"twice", Signing{Algorithms: []string{"EdDSA", "ES256", "EdDSA"}}, `algorithm "EdDSA" is named twice`},
		{"short RSA", Signing{RSABits: 1024}, "RSA keys of 1024 bits are not made: 2048 or 3072"},
		{"long RSA", Signing{Algorithms: []string{"RS256"}, RSABits: 4096}, "RSA keys of 4096 bits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := (&Options{Signing: c.signing}).complete()
			if c.text != "" {
				if err == nil || !strings.Contains(err.Error(), c.text) {
					t.Errorf("error %v, want one that says %q", err, c.text)
				}
				return
			}
			if err != nil || !slices.Equal(v.Signing.Algorithms, c.signing.Algorithms) || v.Signing.RSABits == 0 {
				t.Errorf("%+v, %v", v.Signing, err)
			}
		})
	}
}

// TestWhateverMakesAKeyMakesItsSigningKeys in the order of the options, and no two are the same.
func TestWhateverMakesAKeyMakesItsSigningKeys(t *testing.T) {
	ctx := context.Background()
	seen := map[string]bool{}
	for name, makeKey := range map[string]func(r *Ring) (keystore.ID, error){
		"create":  func(r *Ring) (keystore.ID, error) { return r.Keys()[0].ID, nil },
		"rotate":  func(r *Ring) (keystore.ID, error) { return r.Rotate(ctx) },
		"newroot": func(r *Ring) (keystore.ID, error) { return r.RotateRoot(ctx) },
		"prepublish": func(r *Ring) (keystore.ID, error) {
			id, err := r.Prepublish(ctx, r.opts.now())
			return id, errors.Join(err, r.Activate(ctx, id))
		},
		"mark": func(r *Ring) (keystore.ID, error) {
			err := r.MarkCompromised(ctx, r.Keys()[0].ID)
			return r.Keys()[1].ID, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := signingRing(t, "ES256", "EdDSA")
			id, err := makeKey(r)
			if err != nil {
				t.Fatal(err)
			}
			signing := r.state.Load().contents.Find(id).Signing
			if len(signing) != 2 || signing[0].Algorithm != "ES256" || signing[1].Algorithm != "EdDSA" {
				t.Fatalf("it has the signing keys %+v", signing)
			}
			for _, algorithm := range []string{"ES256", "EdDSA"} {
				s, err := r.SignerOf(algorithm)
				if err != nil || s.KeyID() != id {
					t.Fatalf("%v, %v, want one of %s", s, err, id)
				}
				mustSign(t, r, s)
			}
			for _, s := range signing {
				if seen[string(s.Public)] {
					t.Error("two keys have the same signing key")
				}
				seen[string(s.Public)] = true
			}
			if report, err := r.Verify(ctx); err != nil || !report.OK() {
				t.Errorf("Verify: %+v, %v", report, err)
			}
		})
	}
}

func TestRSAKeysHaveTheirSize(t *testing.T) {
	for _, bits := range []int{0, 2048, 3072} {
		v, err := (&Options{Signing: Signing{Algorithms: []string{"RS256"}, RSABits: bits}}).complete()
		if err != nil {
			t.Fatal(err)
		}
		pairs, err := v.Signing.makePairs()
		if err != nil {
			t.Fatal(err)
		}
		public, err := parsePublic("RS256", pairs[0].public)
		if err != nil {
			t.Fatal(err)
		}
		if got := public.(*rsa.PublicKey).N.BitLen(); got != max(bits, 2048) {
			t.Errorf("RSABits %d makes a key of %d bits", bits, got)
		}
	}
}

// TestSigningKeysAreMadeOnceForAWrite: before it, for as many keys as it adds, and not again after a conflict.
func TestSigningKeysAreMadeOnceForAWrite(t *testing.T) {
	r := signingRing(t, "EdDSA")
	other := reload(t, r)
	var taken [][]pair
	calls := 0
	_, err := r.commit(t.Context(), func(next *keystore.Contents, held *root) (*root, error) {
		if calls++; calls == 3 {
			rotate(t, other)
		}
		taken = nil
		for range 2 {
			pairs, err := r.takePairs(next)
			if err != nil {
				return nil, err
			}
			taken = append(taken, pairs)
			next.Keys = append(next.Keys, newKey(held, next.Written, pairs))
		}
		return held, nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if calls != 4 { // for want of one, for want of two, the conflict, and well
		t.Errorf("the edit was called %d times, want 4", calls)
	}
	keys := r.state.Load().contents.Keys
	written := keys[len(keys)-2:]
	for i := range written {
		if !bytes.Equal(written[i].Signing[0].Public, taken[i][0].public) {
			t.Error("a key has another signing key than it took")
		}
		if taken[i][0].private.Len() != 0 {
			t.Error("the private half was not cleared after the write")
		}
	}
	if bytes.Equal(written[0].Signing[0].Public, written[1].Signing[0].Public) {
		t.Error("two keys of one write have the same signing key")
	}
}

// TestAnUnknownOutcomeUsesSigningKeysUp: they may be in the store.
func TestAnUnknownOutcomeUsesSigningKeysUp(t *testing.T) {
	r := signingRing(t, "EdDSA")
	store := &unsure{Store: r.store}
	r.store = store
	if _, err := r.Rotate(t.Context()); !errors.Is(err, keystore.ErrOutcomeUnknown) {
		t.Fatalf("Rotate: %v", err)
	}
	lost, err := keystore.Parse(store.lost)
	if err != nil {
		t.Fatal(err)
	}
	r.store = store.Store
	rotate(t, r)
	if got := r.state.Load().contents.Active(); bytes.Equal(got.Signing[0].Public, lost.Active().Signing[0].Public) {
		t.Error("the next key has the signing key that was perhaps written")
	}
}

// unsure is a store that writes nothing and cannot be read any more, without saying so.
type unsure struct {
	keystore.Store
	lost []byte
}

func (u *unsure) Write(_ context.Context, _ keystore.Digest, data []byte) error {
	u.lost = bytes.Clone(data)
	return keystore.ErrOutcomeUnknown
}

func (u *unsure) Read(ctx context.Context) ([]byte, error) {
	if u.lost != nil {
		return nil, errors.New("the store is gone")
	}
	return u.Store.Read(ctx)
}

func TestARotationThatEndsSigningSaysSo(t *testing.T) {
	r := signingRing(t, "EdDSA", "ES256")
	var log bytes.Buffer
	o := &Options{RefreshInterval: -1, Logger: slog.New(slog.NewTextHandler(&log, nil)), Identity: r.Seen().Identity, Signing: Signing{Algorithms: []string{"ES256"}}}
	again, err := Load(t.Context(), r.store, []*wrappers.KEK{localKEK(t)}, o)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	rotate(t, again)
	if got := log.String(); !strings.Contains(got, "no signing key for") || !strings.Contains(got, "algorithm=EdDSA") || strings.Contains(got, "algorithm=ES256") {
		t.Errorf("log says %q", got)
	}
	log.Reset()
	rotate(t, again)
	if log.Len() != 0 {
		t.Errorf("log of a rotation that keeps all algorithms: %q", log.String())
	}
}

func TestANewRootTakesSigningKeysAlong(t *testing.T) {
	r := signingRing(t, "EdDSA", "RS256")
	rotate(t, r)
	before := r.state.Load().contents
	if _, err := r.RotateRoot(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := r.state.Load()
	for i, k := range before.Keys {
		for at, old := range k.Signing {
			now := s.contents.Keys[i].Signing[at]
			if !bytes.Equal(now.Public, old.Public) || bytes.Equal(now.SealedPrivate, old.SealedPrivate) {
				t.Errorf("%s of key %d: the public half must stay, and the private one be sealed anew", old.Algorithm, i)
			}
			if _, err := openPrivate(s.root, k.ID, &now); err != nil {
				t.Errorf("%s of key %d: %v", old.Algorithm, i, err)
			}
		}
	}
}

func TestVerifyProvesSigningKeys(t *testing.T) {
	r := signingRing(t, "EdDSA", "ES256")
	rotate(t, r)
	edit(t, r, func(c *keystore.Contents, _ *root) {
		old := &c.Keys[0]
		old.Signing[0].SealedPrivate = make([]byte, 60)
		old.Signing[1].Public = pkix(t, ecdsaOf(t, elliptic.P256()).Public())
	})
	report, err := r.Verify(t.Context())
	if err != nil || report.OK() {
		t.Fatalf("OK %v, %v", report.OK(), err)
	}
	id := r.Keys()[0].ID.String()
	for _, text := range []string{
		id + ": its EdDSA signing key: its private half does not open under the root",
		id + ": its ES256 signing key: its private half does not belong to its public half",
	} {
		if got := report.Keys[0].Err; !errors.Is(got, ErrKeyUnusable) || !strings.Contains(got.Error(), text) {
			t.Errorf("error %q does not say %q", got, text)
		}
	}
	if err := report.Keys[1].Err; err != nil {
		t.Errorf("the other key: %v", err)
	}
	// A retired key opens all the same, and what signs is the active one.
	if _, err := r.Signer(); err != nil {
		t.Error(err)
	}
}

func TestAnAlgorithmThatCannotBeMadeEndsAll(t *testing.T) {
	pairs, err := Signing{Algorithms: []string{"EdDSA", "RS256"}, RSABits: 512}.makePairs() // which complete does not let through
	if pairs != nil || err == nil || !strings.Contains(err.Error(), "make a signing key for RS256: ") {
		t.Errorf("%v, %v", pairs, err)
	}
	r := localRing(t)
	r.opts.Signing = Signing{Algorithms: []string{"RS256"}, RSABits: 512}
	before := r.Seen()
	if _, err := r.Rotate(t.Context()); err == nil || !strings.Contains(err.Error(), "keyring: rotate: make a signing key for RS256: ") {
		t.Errorf("Rotate: %v", err)
	}
	if _, err := Create(t.Context(), keystore.NewMemory(), r.keks, &Options{Cluster: "c", Region: "r", Signing: Signing{Algorithms: []string{"none"}}}); err == nil ||
		!strings.Contains(err.Error(), `keyring: create: Options.Signing: there is no algorithm "none"`) {
		t.Errorf("Create: %v", err)
	}
	if r.Seen().Digest != before.Digest {
		t.Error("a key without its signing keys was written")
	}
}

// TestMaintenanceMakesTheSigningKeysThatAreMissing, in time for verifiers to know them: whoever adds a signing block
// need not rotate by hand.
func TestMaintenanceMakesTheSigningKeysThatAreMissing(t *testing.T) {
	r := localRing(t)
	r.opts.Signing = Signing{Algorithms: []string{"RS256", "EdDSA"}, RSABits: 2048}
	m, err := r.MaintainOnce(t.Context())
	if err != nil || m.Prepublished.IsZero() || m.Schedule.Reason != ReasonSigning {
		t.Fatalf("%+v, %v", m, err)
	}
	if again, err := r.MaintainOnce(t.Context()); err != nil || !again.Prepublished.IsZero() {
		t.Errorf("it makes another key: %+v, %v", again, err)
	}
	if err := r.Activate(t.Context(), m.Prepublished); err != nil {
		t.Fatal(err)
	}
	for _, algorithm := range r.opts.Signing.Algorithms {
		s, err := r.SignerOf(algorithm)
		if err != nil || s.KeyID() != m.Prepublished {
			t.Fatalf("%v, %v, want one of %s", s, err, m.Prepublished)
		}
		mustSign(t, r, s)
	}
}
