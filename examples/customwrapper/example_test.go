package customwrapper

import (
	"context"
	"fmt"
	"log"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func Example() {
	ctx := context.Background()
	address, stop := startService()
	defer stop()

	w := New(address, "app", func() ([]byte, error) { return []byte(token), nil })
	kek, err := wrappers.New(w, &wrappers.Options{Provider: "house", Name: "eu"})
	if err != nil {
		log.Fatal(err)
	}
	defer kek.Close()

	ring, err := keyring.Create(ctx, keystore.NewMemory(), []*wrappers.KEK{kek}, &keyring.Options{Cluster: "prod", Region: "eu"})
	if err != nil {
		log.Fatal(err)
	}
	defer ring.Close()
	fmt.Println("a keystore under", kek.ID())
	// Output: a keystore under house.eu
}
