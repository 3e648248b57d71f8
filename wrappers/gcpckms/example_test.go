package gcpckms_test

import (
	"fmt"
	"log"

	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/gcpckms"
)

func Example() {
	w, err := gcpckms.New(gcpckms.Config{
		Credentials: "/etc/sealwax/gcp.json", // leave it out on Google's own machines
		Project:     "my-project",
		Region:      "europe-west1",
		KeyRing:     "sealwax",
		CryptoKey:   "root",
	})
	if err != nil {
		log.Fatal(err)
	}
	kek, err := wrappers.New(w, &wrappers.Options{Name: "eu"})
	if err != nil {
		log.Fatal(err)
	}
	defer kek.Close()
	fmt.Println(kek.ID())
	// Output: gcpckms.eu
}
