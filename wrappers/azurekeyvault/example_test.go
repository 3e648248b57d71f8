package azurekeyvault_test

import (
	"fmt"
	"os"

	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/azurekeyvault"
)

// A program names the key and says where the secret comes from. Nothing is sent and no file read before the first use.
func Example() {
	wrapper, err := azurekeyvault.New(azurekeyvault.Config{
		TenantID:     "72f988bf-0000-4000-8000-2d7cd011db47",
		ClientID:     "b7a3c1d2-0000-4000-8000-5e8f9a0b1c2d",
		ClientSecret: func() ([]byte, error) { return os.ReadFile("/run/credentials/app/azure-secret") },
		VaultName:    "contoso-prod",
		KeyName:      "sealwax",
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
	fmt.Println(kek.ID(), kek.RequiresPin())
	// Output: azurekeyvault true
}
