package config

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/sealwax/sealwax/wrappers"
)

// Unwrap says how KEKs are asked to open the keystore.
type Unwrap struct {
	Order      wrappers.Order
	HedgeDelay time.Duration // 0 is the default, wrappers.DefaultHedgeDelay
}

// orders are the values of the order attribute.
var orders = []string{wrappers.AsGiven: "config", wrappers.FastestFirst: "fastest"}

func decodeUnwrap(b block, p *problems) Unwrap {
	f := newFields(b, p)
	u := Unwrap{HedgeDelay: f.duration("hedge_delay", time.Millisecond, time.Minute)}
	f.text("order", func(s string) error {
		for order, name := range orders {
			if s == name {
				u.Order = wrappers.Order(order)
				return nil
			}
		}
		return fmt.Errorf("%.80q is not one of config and fastest", s)
	})
	f.refuseRest()
	return u
}

// appendUnwrap writes the block if it says anything.
func appendUnwrap(file *hclwrite.Body, u Unwrap) {
	if (u == Unwrap{}) {
		return
	}
	file.AppendNewline()
	b := file.AppendNewBlock("unwrap", nil).Body()
	if u.Order != wrappers.AsGiven {
		setText(b, "order", orders[u.Order])
	}
	setDuration(b, "hedge_delay", u.HedgeDelay)
}
