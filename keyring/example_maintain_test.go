package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// A server has its keys replaced in time, and stops that before it closes the ring.
func ExampleRing_Maintain() {
	w, err := local.New([]byte("an example, so this is no secret"))
	if err != nil {
		log.Fatal(err)
	}
	kek, err := wrappers.New(w, &wrappers.Options{Name: "local"})
	if err != nil {
		log.Fatal(err)
	}
	ring, err := keyring.Create(context.Background(), keystore.NewMemory(), []*wrappers.KEK{kek}, &keyring.Options{
		Cluster: "dev", Region: "global", Rotation: keyring.Rotation{Period: 720 * time.Hour},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer ring.Close()

	ctx, stop := context.WithCancel(context.Background())
	var maintaining sync.WaitGroup
	maintaining.Go(func() {
		if err := ring.Maintain(ctx); !errors.Is(err, context.Canceled) {
			log.Print(err)
		}
	})
	next := ring.Schedule()
	fmt.Println("another key in", time.Until(next.Next).Round(time.Minute), "because of the", next.Reason)
	fmt.Println("it is made in", time.Until(next.NextPrepublish).Round(time.Minute))
	stop()
	maintaining.Wait()
	// Output:
	// another key in 720h0m0s because of the period
	// it is made in 696h0m0s
}
