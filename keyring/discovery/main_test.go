package discovery

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/bubble"
)

func TestMain(m *testing.M) {
	bubble.Prepare()
	goleak.VerifyTestMain(m)
}
