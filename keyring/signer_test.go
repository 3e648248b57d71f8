package keyring

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// signingRing returns a ring whose keys sign with these algorithms.
func signingRing(t testing.TB, algorithms ...string) *Ring {
	t.Helper()
	o := &Options{Cluster: "c", Region: "r", RefreshInterval: -1, Signing: Signing{Algorithms: algorithms}}
	r, err := Create(context.Background(), keystore.NewMemory(), []*wrappers.KEK{localKEK(t)}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// mustSign signs a message and verifies the signature by the public half that verifiers are given.
func mustSign(t testing.TB, r *Ring, s *Signer) {
	t.Helper()
	message := []byte("attack at dawn")
	digest := sha256.Sum256(message)
	v, ok := r.VerificationKey(s.KID())
	if !ok || v.Algorithm != s.Algorithm() || v.Key != s.KeyID() || v.Err != nil {
		t.Errorf("the verification key %s is %+v", s.KID(), v)
		return
	}
	good := false
	switch public := v.Public.(type) {
	case ed25519.PublicKey:
		sig, err := s.Sign(nil, message, crypto.Hash(0))
		good = err == nil && ed25519.Verify(public, message, sig)
	case *ecdsa.PublicKey:
		sig, err := s.Sign(nil, digest[:], crypto.SHA256)
		good = err == nil && ecdsa.VerifyASN1(public, digest[:], sig)
	case *rsa.PublicKey:
		sig, err := s.Sign(nil, digest[:], crypto.SHA256)
		good = err == nil && rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], sig) == nil
	}
	if !good || !samePublic(s.Public(), v.Public) {
		t.Errorf("%v: its signature does not verify with %T", s, v.Public)
	}
}

func TestSignersOfTheActiveKey(t *testing.T) {
	r := signingRing(t, "ES256", "RS256", "EdDSA")
	for _, ring := range []*Ring{r, reload(t, r)} {
		id := ring.Keys()[0].ID
		for algorithm, kid := range map[string]string{"": id.String(), "ES256": id.String(), "RS256": id.String() + "-RS256", "EdDSA": id.String() + "-EdDSA"} {
			sign := func() (*Signer, error) { return ring.SignerOf(algorithm) }
			if algorithm == "" {
				sign = ring.Signer
			}
			s, err := sign()
			if err != nil {
				t.Fatal(err)
			}
			if s.KID() != kid || s.KeyID() != id || algorithm != "" && s.Algorithm() != algorithm {
				t.Errorf("the signer for %q is %v", algorithm, s)
			}
			mustSign(t, ring, s)
			if again, _ := sign(); again != s {
				t.Errorf("%v was opened twice", s)
			}
			if n := testing.AllocsPerRun(10, func() { sign() }); n != 0 {
				t.Errorf("taking the signer for %q allocates %v times", algorithm, n)
			}
		}
	}
	first, _ := r.Signer()
	edit(t, r, func(c *keystore.Contents, _ *root) { c.Lease = time.Hour })
	if again, _ := r.Signer(); again != first {
		t.Error("a generation with the same active key opened it again")
	}
	rotate(t, r)
	next, err := r.Signer()
	if err != nil || next.KeyID() != r.Keys()[1].ID || next.Algorithm() != "ES256" {
		t.Errorf("after a rotation: %v, %v", next, err)
	}
	mustSign(t, r, next)
	mustSign(t, r, first) // who kept it; its verification key is still there
}

func TestSignerRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, r *Ring)
		ask   string
		cause error
		texts []string
	}{
		{"no signing key", func(t *testing.T, r *Ring) {
			r.opts.Signing = Signing{}
			rotate(t, r)
		}, "", ErrNoSigningKey, []string{"has none: name algorithms in the signing block", "keyring rotate"}},
		{"none of that algorithm", func(*testing.T, *Ring) {}, "RS256", ErrNoSigningKey, []string{"has none for RS256:", "signing block"}},
		{"no such algorithm", func(*testing.T, *Ring) {}, "none", ErrNoSigningKey, []string{`for "none": there are EdDSA, ES256, RS256`}},
		{"closed", func(_ *testing.T, r *Ring) { r.Close() }, "", ErrClosed, nil},
		{"no active key", func(t *testing.T, r *Ring) {
			writeBeside(t, r, func(c *keystore.Contents, _ *root) { c.Keys[0].Suite = 0x7f })
		}, "", ErrNoActiveKey, []string{"keyring rotate"}},
		{"marked compromised", func(t *testing.T, r *Ring) {
			writeBeside(t, r, func(c *keystore.Contents, _ *root) { c.Keys[0].Compromised = true })
		}, "", ErrNoActiveKey, []string{"keyring rotate"}},
		{"private half of another keystore", damaged(func(_ *testing.T, s *keystore.SigningKey) { s.SealedPrivate = make([]byte, 60) }),
			"", ErrKeyUnusable, []string{"EdDSA", "private half does not open under the root", "keyring rotate"}},
		{"public half exchanged", damaged(func(t *testing.T, s *keystore.SigningKey) { s.Public = pkix(t, ed25519Of(t).Public()) }),
			"", ErrKeyUnusable, []string{"does not belong to its public half"}},
		{"public half of another algorithm", damaged(func(t *testing.T, s *keystore.SigningKey) { s.Public = pkix(t, ecdsaOf(t, elliptic.P256()).Public()) }),
			"", ErrKeyUnusable, []string{"its public half: it is a key of another kind than EdDSA"}},
		{"private half that is none", sealPrivate(func(*testing.T) []byte { return []byte("hello") }),
			"", ErrKeyUnusable, []string{"not in PKCS #8 form"}},
		{"private half of another algorithm", sealPrivate(func(t *testing.T) []byte { return pkcs8(t, ecdsaOf(t, elliptic.P256())) }),
			"", ErrKeyUnusable, []string{"does not belong to its public half"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := signingRing(t, "EdDSA", "ES256")
			c.spoil(t, r)
			s, err := r.Signer()
			if c.ask != "" {
				s, err = r.SignerOf(c.ask)
			}
			if s != nil || !errors.Is(err, c.cause) {
				t.Fatalf("got %v, %v, want %v", s, err, c.cause)
			}
			for _, text := range c.texts {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("error %q does not say %q", err, text)
				}
			}
			if c.cause == ErrKeyUnusable && !strings.Contains(err.Error(), r.Keys()[0].ID.String()) {
				t.Errorf("error %q does not name the key", err)
			}
		})
	}
}

// damaged changes the first signing key of the active key.
func damaged(spoil func(*testing.T, *keystore.SigningKey)) func(*testing.T, *Ring) {
	return func(t *testing.T, r *Ring) {
		edit(t, r, func(c *keystore.Contents, _ *root) { spoil(t, &c.Keys[0].Signing[0]) })
	}
}

// sealPrivate puts something else in the place of the private half of the first signing key.
func sealPrivate(private func(*testing.T) []byte) func(*testing.T, *Ring) {
	return func(t *testing.T, r *Ring) {
		edit(t, r, func(c *keystore.Contents, held *root) {
			k := &c.Keys[0]
			k.Signing[0].SealedPrivate = held.keys.Seal(nil, private(t), signingBinding(held, k.ID, k.Signing[0].Algorithm))
		})
	}
}

func pkcs8(t testing.TB, private crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestAStaleRingDoesNotSign: the lease bounds how long a key can still sign after another process has retired it.
func TestAStaleRingDoesNotSign(t *testing.T) {
	r := signingRing(t, "EdDSA")
	store := r.store
	synctest.Test(t, func(t *testing.T) {
		ring, err := Load(t.Context(), store, []*wrappers.KEK{localKEK(t)}, &Options{RefreshInterval: -1, Lease: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		defer ring.Close()
		if _, err := ring.Signer(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if s, err := ring.Signer(); !errors.Is(err, ErrStale) {
			t.Errorf("%v, %v", s, err)
		}
		if err := ring.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := ring.Signer(); err != nil {
			t.Errorf("after a refresh: %v", err)
		}
	})
}

func TestASignerSignsInOneWay(t *testing.T) {
	r := signingRing(t, "EdDSA", "ES256", "RS256")
	digest := make([]byte, 64)
	for algorithm, options := range map[string][]crypto.SignerOpts{
		"EdDSA": {nil, crypto.SHA256, crypto.SHA512, &ed25519.Options{Hash: crypto.SHA512}, &ed25519.Options{Context: "x"}},
		"ES256": {nil, crypto.Hash(0), crypto.SHA512},
		"RS256": {nil, crypto.Hash(0), crypto.SHA512, crypto.SHA1, &rsa.PSSOptions{Hash: crypto.SHA256}},
	} {
		s, err := r.SignerOf(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range options {
			sig, err := s.Sign(rand.Reader, digest, o)
			if err == nil || sig != nil || !strings.Contains(err.Error(), s.KID()+" signs with "+algorithm+" and in no other way") {
				t.Errorf("%s with option %v: %x, %v", algorithm, o, sig, err)
			}
		}
		if algorithm == "EdDSA" {
			continue
		}
		if sig, err := s.Sign(rand.Reader, digest[:20], crypto.SHA256); err == nil || sig != nil || !strings.Contains(err.Error(), "20 bytes are no SHA-256") {
			t.Errorf("%s of 20 bytes: %x, %v", algorithm, sig, err)
		}
	}
}

func TestNothingPrintsThePrivateHalf(t *testing.T) {
	r := signingRing(t, "EdDSA", "ES256", "RS256")
	for i, algorithm := range []string{"EdDSA", "ES256", "RS256"} {
		s, err := r.SignerOf(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(s), "["+algorithm+" signing key "+s.KID()+"]"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		holder := struct {
			Public  Signer
			private Signer
			pointer *Signer
		}{*s, *s, s}
		js, err := json.Marshal(holder)
		if err != nil {
			t.Fatal(err)
		}
		out := string(js)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			for _, v := range []any{s, *s, holder, &holder, []*Signer{s}} {
				out += fmt.Sprintf(verb+"\n", v)
			}
		}
		st := r.state.Load()
		private, err := openPrivate(st.root, s.KeyID(), &st.contents.Keys[0].Signing[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range secretNumbers(private) {
			for _, form := range []string{"%x", "%X", "%d", "%s", "%v"} {
				if strings.Contains(out, strings.Trim(fmt.Sprintf(form, secret), "[]")) {
					t.Errorf("%s: shown with %s", algorithm, form)
				}
			}
		}
	}
}

// secretNumbers returns what of a private half must not be seen.
func secretNumbers(private crypto.Signer) []any {
	switch private := private.(type) {
	case ed25519.PrivateKey:
		return []any{[]byte(private.Seed()), private.Seed()[:8]}
	case *ecdsa.PrivateKey:
		b, _ := private.Bytes()
		return []any{b, b[:8]}
	case *rsa.PrivateKey:
		return []any{private.D, private.Primes[0], private.Primes[1]}
	}
	panic(reflect.TypeOf(private).String())
}

// TestSignersBesideRotations has several sign, of whom each may be the first to open a key, while the key changes.
func TestSignersBesideRotations(t *testing.T) {
	r := signingRing(t, "ES256", "EdDSA")
	stop := make(chan struct{})
	var signing sync.WaitGroup
	for _, algorithm := range []string{"ES256", "EdDSA", "ES256", "EdDSA"} {
		signing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				s, err := r.SignerOf(algorithm)
				if err != nil {
					t.Error(err)
					return
				}
				mustSign(t, r, s)
			}
		})
	}
	for range 20 {
		rotate(t, r)
	}
	if _, err := r.RotateRoot(t.Context()); err != nil {
		t.Error(err)
	}
	close(stop)
	signing.Wait()
}
