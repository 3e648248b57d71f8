package keyring_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// A server opens its keystore at the start and seals and opens with it from then on.
func Example() {
	ctx := context.Background()
	dir := exampleKeystore() // made with: keyring init --dev
	w, err := local.FromFile(filepath.Join(dir, "kek.key"))
	if err != nil {
		log.Fatal(err)
	}
	kek, err := wrappers.New(w, &wrappers.Options{Name: "local"})
	if err != nil {
		log.Fatal(err)
	}
	store := keystore.NewFile(filepath.Join(dir, "keystore.jsonl"))
	ring, err := keyring.Load(ctx, store, []*wrappers.KEK{kek}, &keyring.Options{Cluster: "dev", Region: "global"})
	if err != nil {
		log.Fatal(err)
	}
	defer ring.Close()

	where := keyring.Bind("variable", "global", "default", "app/db")
	sealed, err := ring.Seal(nil, []byte("s3cret"), where)
	if err != nil {
		log.Fatal(err)
	}
	plaintext, err := ring.Open(nil, sealed, where)
	fmt.Printf("%s %v\n", plaintext, err)
	_, err = ring.Open(nil, sealed, keyring.Bind("variable", "global", "default", "app/other"))
	fmt.Println(err)
	// Output:
	// s3cret <nil>
	// keyring: message not authentic
}

// exampleKeystore returns a folder with a keystore and its key file.
func exampleKeystore() string {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	exampleDirs = append(exampleDirs, dir)
	key := filepath.Join(dir, "kek.key")
	if err := local.GenerateKeyFile(key); err != nil {
		log.Fatal(err)
	}
	w, err := local.FromFile(key)
	if err != nil {
		log.Fatal(err)
	}
	kek, err := wrappers.New(w, &wrappers.Options{Name: "local"})
	if err != nil {
		log.Fatal(err)
	}
	store := keystore.NewFile(filepath.Join(dir, "keystore.jsonl"))
	ring, err := keyring.Create(context.Background(), store, []*wrappers.KEK{kek}, &keyring.Options{Cluster: "dev", Region: "global"})
	if err != nil {
		log.Fatal(err)
	}
	ring.Close()
	return dir
}
