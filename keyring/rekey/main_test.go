package rekey

import (
	"math"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/bubble"
)

// TestMain also finds goroutines that a run left behind. In a process that a test of kills has started it is what is
// killed.
func TestMain(m *testing.M) {
	if args := os.Getenv(childEnv); args != "" {
		os.Exit(child(args))
	}
	bubble.Prepare()
	goleak.VerifyTestMain(m)
}

var nan, inf = math.NaN(), math.Inf(1)
