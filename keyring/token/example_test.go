package token_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/token"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// A server gives a workload a token that says who it is, and the database that it talks to verifies it.
func Example() {
	ctx := context.Background()
	engine, err := local.New([]byte("a key of thirty-two random bytes"))
	if err != nil {
		log.Fatal(err)
	}
	kek, err := wrappers.New(engine, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer kek.Close()
	ring, err := keyring.Create(ctx, keystore.NewMemory(), []*wrappers.KEK{kek}, &keyring.Options{
		Cluster: "prod", Region: "emea", Signing: keyring.Signing{Algorithms: []string{"EdDSA", "RS256"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer ring.Close()

	minter, err := token.NewMinter(ring.Signer, "https://id.prod.example", nil)
	if err != nil {
		log.Fatal(err)
	}
	text, err := minter.Mint(&token.Claims{
		Subject: "emea:default:web", Audience: []string{"db"}, Expiry: time.Now().Add(time.Hour),
		Extra: map[string]any{"job": "web"},
	})
	if err != nil {
		log.Fatal(err)
	}

	database, err := token.NewVerifier(ring, "https://id.prod.example", "db", nil)
	if err != nil {
		log.Fatal(err)
	}
	who, err := database.Verify(text)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(who.Subject, who.Extra["job"], who.Algorithm)

	cache, err := token.NewVerifier(ring, "https://id.prod.example", "cache", nil)
	if err != nil {
		log.Fatal(err)
	}
	_, err = cache.Verify(text)
	fmt.Println(errors.Is(err, token.ErrAudience), err)
	// Output:
	// emea:default:web web EdDSA
	// true token: wrong audience: it is for ["db"], and not for "cache"
}
