package main

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func TestOptionsOfTheUnwrapBlock(t *testing.T) {
	s := &site{cli: &cli{}, store: keystore.NewFile("k"), config: &config.Config{Unwrap: config.Unwrap{Order: wrappers.FastestFirst, HedgeDelay: 42 * time.Millisecond}}}
	o, err := s.options(t.Context())
	if err != nil || o.Order != wrappers.FastestFirst || o.HedgeDelay != 42*time.Millisecond {
		t.Errorf("got order %v, hedge delay %v, %v", o.Order, o.HedgeDelay, err)
	}
}

func TestOptionsOfTheKeysLife(t *testing.T) {
	conf := &config.Config{
		Keystore: config.Keystore{Lease: time.Minute, ClockSkew: time.Second, Readers: 3},
		Rotation: keyring.Rotation{Period: time.Hour, Messages: 7},
		Signing:  config.Signing{Signing: keyring.Signing{Algorithms: []string{"ES256"}}},
	}
	o, err := (&site{cli: &cli{}, store: keystore.NewFile("k"), config: conf}).options(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if o.Lease != time.Minute || o.ClockSkew != time.Second || o.Readers != 3 || o.Rotation != conf.Rotation || !slices.Equal(o.Signing.Algorithms, []string{"ES256"}) {
		t.Errorf("got %+v", o)
	}
	if o.Wear.(*keystore.File).Path() != "k.wear" {
		t.Errorf("what keys have sealed is counted in %v", o.Wear)
	}
}

// A server that never answers costs what the block says.
func TestTimeoutOfABlock(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	k, _, err := newKEK(t.Context(), &config.KEK{
		Provider: "transit", Active: true, Timeout: 100 * time.Millisecond,
		Settings: []wrappers.Setting{
			{Name: "address", Value: "http://" + silent.Addr().String()}, {Name: "token", Value: "t"},
			{Name: "mount_path", Value: "transit/"}, {Name: "key_name", Value: "k"},
		},
	}, wrappers.Health{}, shareholders{})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if _, err := k.Wrap(t.Context(), []byte("root"), nil); err == nil || !strings.Contains(err.Error(), "no answer within 100ms") {
		t.Errorf("got %v, want no answer within 100ms", err)
	}
}
