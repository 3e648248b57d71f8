package keyring_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// A key goes from state to state, and never back. What it sealed opens until it is destroyed; then its messages say why not.
func ExampleRing_Destroy() {
	ctx := context.Background()
	ring := exampleRing(ctx)
	defer ring.Close()
	where := keyring.Bind("variable", "global", "default", "app/db")
	old := ring.Keys()[0].ID
	sealed, err := ring.Seal(nil, []byte("s3cret"), where)
	if err != nil {
		log.Fatal(err)
	}

	next, err := ring.Prepublish(ctx, time.Now().Add(24*time.Hour)) // for others to know it before it seals
	if err != nil {
		log.Fatal(err)
	}
	if err := ring.Activate(ctx, next); err != nil {
		log.Fatal(err)
	}
	show(ring)

	census := &keyring.Census{Keystore: ring.ID(), Begun: ring.Now(), Ended: ring.Now(), Sources: []string{"dir:/srv/app/data"},
		Keys: map[keystore.ID]keyring.Count{old: {Messages: 1, Bytes: uint64(len(sealed))}}} // package census counts
	if err := ring.Destroy(ctx, old, census); err != nil {
		fmt.Println("there is a message of it")
	}
	if err := ring.DestroyForced(ctx, old, census); err != nil {
		log.Fatal(err)
	}
	show(ring)
	// Output:
	// retired
	// active
	// there is a message of it
	// destroyed
	// active
}

func show(ring *keyring.Ring) {
	for _, k := range ring.Keys() {
		fmt.Println(k.State)
	}
}

// exampleRing makes a keystore in memory.
func exampleRing(ctx context.Context) *keyring.Ring {
	w, err := local.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		log.Fatal(err)
	}
	kek, err := wrappers.New(w, nil)
	if err != nil {
		log.Fatal(err)
	}
	ring, err := keyring.Create(ctx, keystore.NewMemory(), []*wrappers.KEK{kek}, &keyring.Options{Cluster: "dev", Region: "global"})
	if err != nil {
		log.Fatal(err)
	}
	return ring
}
