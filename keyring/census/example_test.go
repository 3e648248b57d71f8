package census_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/census"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// Two messages are sealed with a key that is then rotated, one of which lies where it does not belong.
func ExampleTake() {
	ctx := context.Background()
	ring, file := exampleRing(), exampleFile()
	defer ring.Close()
	defer os.RemoveAll(filepath.Dir(file))
	msg, err := ring.Seal(nil, []byte("s3cret"), keyring.Bind("variable", "global", "default", "app/db"))
	if err != nil {
		log.Fatal(err)
	}
	text := base64.StdEncoding.EncodeToString(msg)
	lines := fmt.Sprintf("{\"namespace\":\"default\",\"path\":\"app/db\",\"sealed\":%q}\n{\"namespace\":\"default\",\"path\":\"app/copy\",\"sealed\":%q}\n", text, text)
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		log.Fatal(err)
	}
	if _, err := ring.Rotate(ctx); err != nil {
		log.Fatal(err)
	}

	report, err := census.Take(ctx, ring, []source.Source{source.JSONL(file, "global", nil)}, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range report.Lines() {
		fmt.Println(line.Key.State, line.Count.Messages)
	}
	for _, u := range report.Unopenable {
		fmt.Println(u.Cause, u.Where[len("jsonl:"+file+": "):])
	}
	// Output:
	// retired 2
	// active 0
	// not authentic line 2 (default/app/copy)
}

// exampleFile returns the path of a file that does not exist yet.
func exampleFile() string {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	return filepath.Join(dir, "messages.jsonl")
}

// exampleRing returns a ring in memory.
func exampleRing() *keyring.Ring {
	w, err := local.New(make([]byte, 32))
	if err != nil {
		log.Fatal(err)
	}
	kek, err := wrappers.New(w, &wrappers.Options{Name: "local"})
	if err != nil {
		log.Fatal(err)
	}
	ring, err := keyring.Create(context.Background(), keystore.NewMemory(), []*wrappers.KEK{kek}, &keyring.Options{Cluster: "dev", Region: "global"})
	if err != nil {
		log.Fatal(err)
	}
	return ring
}
