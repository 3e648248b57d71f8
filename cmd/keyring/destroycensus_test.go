package main

import (
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/keyring"
)

// TestAKeyOutlivesItsTokens: a key is not destroyed while anybody who verifies by the published keys may believe a token
// of it, which is for the lease, the life of a token, and twice what clocks may differ.
func TestAKeyOutlivesItsTokens(t *testing.T) {
	const lease, skew, lifetime = 5 * time.Minute, time.Minute, time.Hour
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	ring := newRing(t, keyring.Options{Lease: lease, ClockSkew: skew, Clock: func() time.Time { return now },
		Signing: keyring.Signing{Algorithms: []string{"EdDSA"}}})
	if _, err := ring.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := ring.Keys()[0].ID
	quiet, err := ring.QuietAfter(id)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{config: &config.Config{Signing: config.Signing{TokenLifetime: lifetime}, Keystore: config.Keystore{ClockSkew: skew}}}
	retired := now
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{lease + skew, "others may seal with it until 2026-11-22T10:06:00Z"},
		{lease + skew + time.Second, "tokens that it signed may be valid until 2026-11-22T11:07:00Z"},
		{lease + lifetime + 2*skew - time.Second, "tokens that it signed may be valid until 2026-11-22T11:07:00Z"},
		{lease + lifetime + 2*skew, ""},
	} {
		now = retired.Add(c.after)
		err := s.mayCount(ring, id, quiet, lease)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v after its retirement: %v, want %q", c.after, err, c.want)
		}
	}
}
