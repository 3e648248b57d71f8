package keystore_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/bubble"
)

// TestMain also finds goroutines that a ring left behind.
func TestMain(m *testing.M) {
	bubble.Prepare()
	goleak.VerifyTestMain(m)
}
