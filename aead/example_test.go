package aead_test

import (
	"fmt"

	"github.com/sealwax/sealwax/aead"
)

func Example() {
	key := make([]byte, aead.KeySize) // from crypto/rand, in earnest
	a, err := aead.New(aead.XAES256GCM, key, nil)
	if err != nil {
		panic(err)
	}
	message := a.Seal(nil, []byte("hunter2"), []byte("app/db"))
	fmt.Println(len(message))

	plaintext, err := a.Open(nil, message, []byte("app/db"))
	fmt.Printf("%s %v\n", plaintext, err)
	_, err = a.Open(nil, message, []byte("app/other"))
	fmt.Println(err)
	// Output:
	// 47
	// hunter2 <nil>
	// aead: message is not authentic
}

func ExampleAEAD_Open_inPlace() {
	a, err := aead.New(aead.XAES256GCM, make([]byte, aead.KeySize), nil)
	if err != nil {
		panic(err)
	}
	buf := make([]byte, 0, 1024)
	buf = append(buf, "no second buffer"...)
	buf = a.Seal(buf[:0], buf, nil)
	buf, err = a.Open(buf[:0], buf, nil)
	fmt.Printf("%s %v\n", buf, err)
	// Output: no second buffer <nil>
}
