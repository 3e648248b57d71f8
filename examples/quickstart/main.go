// Command quickstart shows the whole of sealwax in one run on this machine: it makes a keystore under a key file in a
// temporary folder, seals a variable, rotates, opens it again from disk, and shows what is refused.
package main

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

func main() {
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "sealwax")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := run(context.Background(), dir); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, dir string) error {
	kek, err := newKEK(filepath.Join(dir, "kek.key"))
	if err != nil {
		return err
	}
	defer kek.Close()
	keks := []*wrappers.KEK{kek}
	store := keystore.NewFile(filepath.Join(dir, "keystore.jsonl"))

	ring, err := keyring.Create(ctx, store, keks, &keyring.Options{Cluster: "dev", Region: "global"})
	if err != nil {
		return err
	}
	pin := ring.Seen().Identity
	fmt.Println("made a keystore, wrapped by", kek.ID())

	where := keyring.Bind("variable", "global", "default", "app/db")
	sealed, err := ring.Seal(nil, []byte(`{"password": "s3cret"}`), where)
	if err != nil {
		return err
	}
	fmt.Printf("sealed 22 bytes into %d for default/app/db\n", len(sealed))
	if _, err := ring.Rotate(ctx); err != nil {
		return err
	}
	fmt.Println("rotated: new messages use a new key, and the KEK was not asked")
	ring.Close()

	// What a server does at its next start.
	ring, err = keyring.Load(ctx, store, keks, &keyring.Options{Cluster: "dev", Region: "global", Identity: pin})
	if err != nil {
		return err
	}
	defer ring.Close()
	plaintext, err := ring.Open(nil, sealed, where)
	if err != nil {
		return err
	}
	fmt.Printf("loaded it again with %d keys, and opened: %s\n", len(ring.Keys()), plaintext)

	_, err = ring.Open(nil, sealed, keyring.Bind("variable", "global", "default", "app/other"))
	fmt.Println("opened as default/app/other:", err)
	_, err = keyring.Load(ctx, store, keks, &keyring.Options{Cluster: "dev", Region: "emea", Identity: pin})
	fmt.Println("loaded in another region:", err)
	return nil
}

// newKEK makes a key file and the KEK that it holds.
func newKEK(path string) (*wrappers.KEK, error) {
	if err := local.GenerateKeyFile(path); err != nil {
		return nil, err
	}
	w, err := local.FromFile(path)
	if err != nil {
		return nil, err
	}
	return wrappers.New(w, &wrappers.Options{Name: "local"})
}
