package gcpserver

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// A State is that of a version.
type State = kmspb.CryptoKeyVersion_CryptoKeyVersionState

// key is a crypto key with its versions, the first of which is number 1.
type key struct {
	name     string
	purpose  kmspb.CryptoKey_CryptoKeyPurpose
	primary  int
	versions []*version
	rotation time.Duration
	next     time.Time
}

type version struct {
	state    State
	material cipher.AEAD
	destroys time.Time
}

// KeyName returns the resource name of a key in the location europe-west1 and the key ring sealwax.
func KeyName(project, name string) string {
	return fmt.Sprintf("projects/%s/locations/europe-west1/keyRings/sealwax/cryptoKeys/%s", project, name)
}

// CreateKey makes a key with one version.
func (s *Server) CreateKey(t testing.TB, name string) {
	s.createKey(t, name, kmspb.CryptoKey_ENCRYPT_DECRYPT)
}

// CreateSigningKey makes a key that cannot encrypt.
func (s *Server) CreateSigningKey(t testing.TB, name string) {
	s.createKey(t, name, kmspb.CryptoKey_ASYMMETRIC_SIGN)
}

func (s *Server) createKey(t testing.TB, name string, purpose kmspb.CryptoKey_CryptoKeyPurpose) {
	t.Helper()
	s.mu.Lock()
	s.keys[name] = &key{name: name, purpose: purpose}
	s.mu.Unlock()
	s.Rotate(t, name)
}

// Rotate gives a key a new version and makes it the primary one.
func (s *Server) Rotate(t testing.TB, name string) {
	t.Helper()
	material := make([]byte, 32)
	rand.Read(material) // never fails
	block, err := aes.NewCipher(material)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.keys[name]
	k.versions = append(k.versions, &version{state: kmspb.CryptoKeyVersion_ENABLED, material: aead})
	k.primary = len(k.versions)
}

// SetState changes the state of a version. One that is to be destroyed will be in 30 days.
func (s *Server) SetState(name string, number int, state State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.keys[name].versions[number-1]
	v.state, v.destroys = state, time.Now().Add(30*24*time.Hour)
}

// SetRotation gives a key a schedule.
func (s *Server) SetRotation(name string, period time.Duration, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[name].rotation, s.keys[name].next = period, next
}

// RemovePrimary leaves a key with versions and none of them primary.
func (s *Server) RemovePrimary(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[name].primary = 0
}

// Versions returns how many versions a key has.
func (s *Server) Versions(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.keys[name].versions)
}

func (s *Server) find(name string) (*key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keys[name]; k != nil {
		return k, nil
	}
	return nil, status.Errorf(codes.NotFound, "CryptoKey %s not found.", name)
}

func (k *key) versionName(number int) string {
	return fmt.Sprintf("%s/cryptoKeyVersions/%d", k.name, number)
}

// describe returns the key as GetCryptoKey shows it. The caller holds the server's lock.
func (k *key) describe() *kmspb.CryptoKey {
	shown := &kmspb.CryptoKey{Name: k.name, Purpose: k.purpose}
	if k.rotation > 0 {
		shown.RotationSchedule = &kmspb.CryptoKey_RotationPeriod{RotationPeriod: durationpb.New(k.rotation)}
		shown.NextRotationTime = timestamppb.New(k.next)
	}
	if k.primary > 0 && k.purpose == kmspb.CryptoKey_ENCRYPT_DECRYPT {
		v := k.versions[k.primary-1]
		shown.Primary = &kmspb.CryptoKeyVersion{Name: k.versionName(k.primary), State: v.state}
		if v.state == kmspb.CryptoKeyVersion_DESTROY_SCHEDULED {
			shown.Primary.DestroyTime = timestamppb.New(v.destroys)
		}
	}
	return shown
}
