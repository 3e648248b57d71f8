package discovery_test

import (
	"crypto/rand"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/discovery"
	"github.com/sealwax/sealwax/keyring/token"
	"github.com/sealwax/sealwax/keystore"
)

// TestSetAndVerifierAgree holds that a retired key leaves the set when a verifier with a ring ceases to believe it,
// given the same options; and that it is there until the last token of another process can have expired.
func TestSetAndVerifierAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const (
			issuer   = "https://id.example.com"
			lifetime = 6 * time.Hour
			lease    = 30 * time.Minute
			skew     = time.Minute
		)
		key := make([]byte, 32)
		rand.Read(key)
		ring := open(t, true, keystore.NewMemory(), kek(t, key), &keyring.Options{Cluster: "prod", Region: "eu", Lease: lease,
			Signing: keyring.Signing{Algorithms: []string{"ES256"}}})
		defer ring.Close()
		o := token.Options{TokenLifetime: lifetime, Lease: lease, ClockSkew: skew}
		minter, err := token.NewMinter(ring.Signer, issuer, &o)
		if err != nil {
			t.Fatal(err)
		}
		verifier, err := token.NewVerifier(ring, issuer, "db", &o)
		if err != nil {
			t.Fatal(err)
		}
		publisher, err := discovery.New(ring, &discovery.Options{TokenLifetime: lifetime, Lease: lease, ClockSkew: skew})
		if err != nil {
			t.Fatal(err)
		}
		text, err := minter.Mint(&token.Claims{Subject: "web", Audience: []string{"db"}, Expiry: time.Now().Add(lifetime)})
		if err != nil {
			t.Fatal(err)
		}
		kid := ring.VerificationKeys()[0].KID
		if _, err := ring.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		retired := ring.VerificationKeys()[0].Retired
		for _, c := range []struct {
			after time.Duration
			want  error // of the token
			in    bool
		}{
			{0, nil, true},
			{lifetime - time.Second, nil, true},
			{lifetime + skew, token.ErrExpired, true},
			{lifetime + lease + 2*skew - time.Second, token.ErrExpired, true},
			{lifetime + lease + 2*skew + time.Second, token.ErrKeyRefused, false},
		} {
			time.Sleep(time.Until(retired.Add(c.after)))
			answer := httptest.NewRecorder()
			publisher.JWKS(answer, httptest.NewRequest("GET", "/", nil))
			if in := strings.Contains(answer.Body.String(), kid); in != c.in {
				t.Errorf("%v after its retirement the set has the key: %v, want %v", c.after, in, c.in)
			}
			if _, err := verifier.Verify(text); !errors.Is(err, c.want) {
				t.Errorf("%v after its retirement: %v, want %v", c.after, err, c.want)
			}
		}
		ring.Close()
		answer := httptest.NewRecorder()
		publisher.JWKS(answer, httptest.NewRequest("GET", "/", nil))
		if answer.Code != 503 || answer.Body.String() != "the ring is closed\n" {
			t.Errorf("of a ring that is closed: %d %s", answer.Code, answer.Body)
		}
	})
}
