// Command identity gives workloads an identity that others can verify, in one run on this machine: it signs a token
// with the keys of a ring, publishes their public halves, and verifies the token elsewhere with nothing but the
// issuer's address, before and after a rotation and after a key was marked compromised.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/discovery"
	"github.com/sealwax/sealwax/keyring/token"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

func main() {
	log.SetFlags(0)
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	kek, err := newKEK()
	if err != nil {
		return err
	}
	defer kek.Close()
	ring, err := keyring.Create(ctx, keystore.NewMemory(), []*wrappers.KEK{kek}, &keyring.Options{Cluster: "dev", Region: "global",
		Signing: keyring.Signing{Algorithms: []string{"EdDSA", "RS256"}}}) // RS256 is for clouds: Ring.SignerOf
	if err != nil {
		return err
	}
	defer ring.Close()
	issuer, stop, err := serve(ring)
	if err != nil {
		return err
	}
	defer stop()

	minter, err := token.NewMinter(ring.Signer, issuer, nil)
	if err != nil {
		return err
	}
	mint := func(subject string) (string, error) {
		return minter.Mint(&token.Claims{Subject: subject, Audience: []string{"database"}, Expiry: time.Now().Add(time.Hour)})
	}
	first, err := mint("global:default:web")
	if err != nil {
		return err
	}
	report(issuer, "a new token", first)

	// Verifiers know a prepublished key before it signs. A service leaves this to Options.Rotation and ring.Maintain.
	id, err := ring.Prepublish(ctx, time.Time{})
	if err != nil {
		return err
	}
	if err := ring.Activate(ctx, id); err != nil {
		return err
	}
	second, err := mint("global:default:worker")
	if err != nil {
		return err
	}
	report(issuer, "signed by the next key", second)
	report(issuer, "signed before", first)

	if err := ring.MarkCompromised(ctx, id); err != nil {
		return err
	}
	report(issuer, "its key is compromised", second)
	report(issuer, "the other key is not", first)
	return nil
}

// newKEK makes a key in memory, which ends with the program.
func newKEK() (*wrappers.KEK, error) {
	key := make([]byte, 32)
	rand.Read(key)
	w, err := local.New(key)
	if err != nil {
		return nil, err
	}
	return wrappers.New(w, nil)
}

// serve publishes the ring's verification keys on loopback, and returns their issuer. Anywhere else that takes TLS.
func serve(ring *keyring.Ring) (issuer string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	issuer = "http://" + listener.Addr().String()
	publisher, err := discovery.New(ring, &discovery.Options{Issuer: issuer})
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: publisher, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener) // ends with Close
	return issuer, server.Close, nil
}

// report does what the database does with a token that it is shown.
func report(issuer, what, text string) {
	claims, err := verify(issuer, text)
	switch {
	case errors.Is(err, token.ErrUnknownKey):
		fmt.Println(what + ": refused, since the issuer does not publish its key")
	case err != nil:
		fmt.Println(what + ": " + err.Error())
	default:
		fmt.Println(what + ": it is " + claims.Subject)
	}
}

// verify verifies a token for the audience "database". It fetches the keys each time: a program that runs for longer keeps
// them for as long as Cache-Control says.
func verify(issuer, text string) (*token.Verified, error) {
	var config struct {
		JWKSURI string `json:"jwks_uri"`
	}
	document, err := get(issuer + "/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(document, &config); err != nil {
		return nil, err
	}
	set, err := get(config.JWKSURI)
	if err != nil {
		return nil, err
	}
	keys, err := token.ParseJWKS(set)
	if err != nil {
		return nil, err
	}
	verifier, err := token.NewVerifier(keys, issuer, "database", nil)
	if err != nil {
		return nil, err
	}
	return verifier.Verify(text)
}

func get(url string) ([]byte, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, 1<<20))
}
