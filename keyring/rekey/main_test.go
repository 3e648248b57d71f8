package rekey

import (
	"math"
	"testing"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/bubble"
)

// TestMain also finds goroutines that a run left behind.
func TestMain(m *testing.M) {
	bubble.Prepare()
	goleak.VerifyTestMain(m)
}

var nan, inf = math.NaN(), math.Inf(1)
