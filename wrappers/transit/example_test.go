package transit_test

import (
	"fmt"
	"os"

	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/transit"
)

// A program names the key and says where the token comes from. Nothing is sent and no file read before the first use.
func Example() {
	wrapper, err := transit.New(transit.Config{
		Address:   "https://vault.example.com:8200",
		MountPath: "transit/",
		KeyName:   "sealwax",
		Token:     func() ([]byte, error) { return os.ReadFile("/run/credentials/app/vault-token") },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	kek, err := wrappers.New(wrapper, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer kek.Close()
	fmt.Println(kek.ID())
	// Output: transit
}
