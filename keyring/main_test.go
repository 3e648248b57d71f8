package keyring_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/bubble"
)

// TestMain also finds goroutines that a ring left behind.
func TestMain(m *testing.M) {
	bubble.Prepare()
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		for _, dir := range exampleDirs {
			os.RemoveAll(dir)
		}
		os.Exit(code)
	}))
}

var exampleDirs []string
