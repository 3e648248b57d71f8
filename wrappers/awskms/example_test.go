package awskms_test

import (
	"fmt"

	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/awskms"
)

// A program names the key; credentials are those of the machine's role. Nothing is sent and no file read before the first
// use.
func Example() {
	wrapper, err := awskms.New(awskms.Config{
		KeyID: "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
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
	// Output: awskms
}
