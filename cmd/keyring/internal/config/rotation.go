package config

import (
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/keyring"
)

// maxPeriod is ten years. Who means longer leaves the period out.
const maxPeriod = 87600 * time.Hour

func decodeRotation(b block, p *problems) keyring.Rotation {
	f := newFields(b, p)
	messages, bytes := keyring.Limits(uint8(aead.XAES256GCM)) // what new keys seal with
	r := keyring.Rotation{
		Period:     f.duration("period", time.Second, maxPeriod),
		Prepublish: f.duration("prepublish", 0, maxPeriod),
		Messages:   uint64(f.number("messages", 1, int64(messages))),
		Bytes:      uint64(f.number("bytes", 1, int64(bytes))),
	}
	switch a := f.find("prepublish"); {
	case a == nil:
	case f.find("period") == nil:
		p.at(f.file, a.Line, "rotation: prepublish is without a period: it says how long before its end the next key is known")
	case r.Period > 0 && r.Prepublish >= r.Period:
		p.at(f.file, a.Line, "rotation: prepublish is %v, and the period %v: it must be shorter", r.Prepublish, r.Period)
	case r.Prepublish == 0:
		r.Prepublish = noPrepublish
	}
	f.refuseRest()
	return r
}

// noPrepublish is what "0s" means, since the zero value of the option is its default.
const noPrepublish = -1

// appendRotation writes the block if it says anything.
func appendRotation(file *hclwrite.Body, r keyring.Rotation) {
	if (r == keyring.Rotation{}) {
		return
	}
	file.AppendNewline()
	b := file.AppendNewBlock("rotation", nil).Body()
	setDuration(b, "period", r.Period)
	if r.Prepublish == noPrepublish {
		setText(b, "prepublish", "0s")
	} else {
		setDuration(b, "prepublish", r.Prepublish)
	}
	setNumber(b, "messages", r.Messages)
	setNumber(b, "bytes", r.Bytes)
}
