package discovery

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"sync"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// newYear is the present of tests without a clock of their own.
var newYear = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// publicOf returns a public key for an algorithm, always the same.
var publicOf = map[string]func() crypto.PublicKey{
	"EdDSA": sync.OnceValue(func() crypto.PublicKey {
		public, _, _ := ed25519.GenerateKey(rand.Reader) // crypto/rand never fails
		return public
	}),
	"ES256": sync.OnceValue(func() crypto.PublicKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		return k.Public()
	}),
	"RS256": sync.OnceValue(func() crypto.PublicKey {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return k.Public()
	}),
}

// vk returns a verification key that is called kid and was active since a day ago, or in the state that change gives it.
func vk(kid, algorithm string, change ...func(*keyring.VerificationKey)) keyring.VerificationKey {
	k := keyring.VerificationKey{KID: kid, Key: keystore.NewID(), Algorithm: algorithm, Public: publicOf[algorithm](),
		State: keystore.Active, Created: newYear.Add(-25 * time.Hour), Activated: newYear.Add(-24 * time.Hour)}
	for _, c := range change {
		c(&k)
	}
	return k
}

func prepublished(k *keyring.VerificationKey) {
	k.State, k.Activates, k.Activated = keystore.Prepublished, newYear.Add(time.Hour), time.Time{}
}

func retired(ago time.Duration) func(*keyring.VerificationKey) {
	return func(k *keyring.VerificationKey) { k.State, k.Retired = keystore.Retired, newYear.Add(-ago) }
}

func withdrawn(k *keyring.VerificationKey) {
	k.State, k.Activated, k.Retired = keystore.Retired, time.Time{}, newYear.Add(-time.Second)
}

func compromised(k *keyring.VerificationKey) { k.Compromised = true }

func damaged(err error) func(*keyring.VerificationKey) {
	return func(k *keyring.VerificationKey) { k.Public, k.Err = nil, err }
}

// shelf is a source in the test's hand.
type shelf struct {
	mu        sync.Mutex
	keys      []keyring.VerificationKey
	seen      keystore.Seen
	refreshed time.Time
	schedule  keyring.Schedule
	asked     int // for the keys
}

var _ Keys = (*shelf)(nil)

func newShelf(keys ...keyring.VerificationKey) *shelf {
	s := &shelf{refreshed: time.Now(), schedule: keyring.Schedule{Lead: 5 * time.Minute}}
	s.put(keys...)
	return s
}

// put makes keys those of the next generation.
func (s *shelf) put(keys ...keyring.VerificationKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = keys
	s.seen.Digest[0]++
}

func (s *shelf) VerificationKeys() []keyring.VerificationKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	return s.keys
}

func (s *shelf) Seen() keystore.Seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

func (s *shelf) Schedule() keyring.Schedule { return s.schedule }

func (s *shelf) Refreshed() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refreshed
}

func publisher(t testing.TB, s Keys, o *Options) *Publisher {
	t.Helper()
	p, err := New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
