package keyring_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// Two of three officers open the keystore, and one does not.
func ExampleOptions_groups() {
	ctx := context.Background()
	var officers []*wrappers.KEK
	for _, name := range []string{"alice", "bob", "carol"} {
		w, err := local.New([]byte(strings.Repeat(name[:1], 32))) // an officer's key is anything but this
		if err != nil {
			log.Fatal(err)
		}
		kek, err := wrappers.New(w, &wrappers.Options{Name: name, Group: "officers"})
		if err != nil {
			log.Fatal(err)
		}
		officers = append(officers, kek)
	}
	store := keystore.NewMemory()
	options := &keyring.Options{Cluster: "dev", Region: "global", Groups: map[string]int{"officers": 2}}
	ring, err := keyring.Create(ctx, store, officers, options)
	if err != nil {
		log.Fatal(err)
	}
	ring.Close()

	ring, err = keyring.Load(ctx, store, officers[1:], options)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(ring.Keys()), "key")
	ring.Close()
	_, err = keyring.Load(ctx, store, officers[2:], options)
	lines := strings.Split(err.Error(), "\n\t")
	fmt.Println(strings.Join(lines[1:], "\n"))
	// Output:
	// 1 key
	// not asked, since that would not be enough: aead.carol
	// not here: aead.alice, aead.bob; name them in the config, or give their recovery keys to 'keyring recover', each with a --recovery-key of its own
}
