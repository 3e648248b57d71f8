package config

import (
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/sealwax/sealwax/keystore"
)

// maxReaders is far more processes than share one file.
const maxReaders = 1000

func decodeKeystore(b block, p *problems) Keystore {
	f := newFields(b, p)
	f.require("path")
	k := Keystore{
		Path:      beside(b.file, f.text("path", checkNotEmpty)),
		State:     beside(b.file, f.text("state", checkNotEmpty)),
		Lease:     f.seconds("lease", keystore.MaxLease),
		ClockSkew: f.duration("clock_skew", time.Second, time.Hour),
		Readers:   int(f.number("readers", 1, maxReaders)),
	}
	f.text("identity", func(s string) (err error) {
		k.Identity, err = keystore.ParsePin(s)
		return err
	})
	f.refuseRest()
	return k
}

// appendKeystore writes the block: first where the keystore is, then how it is shared.
func appendKeystore(file *hclwrite.Body, k *Keystore) {
	b := file.AppendNewBlock("keystore", nil).Body()
	setText(b, "path", k.Path)
	if k.Identity != nil {
		setText(b, "identity", keystore.FormatPin(k.Identity))
	}
	setText(b, "state", k.State)
	if k.Lease != 0 || k.ClockSkew != 0 || k.Readers != 0 {
		b.AppendNewline()
	}
	setDuration(b, "lease", k.Lease)
	setDuration(b, "clock_skew", k.ClockSkew)
	setNumber(b, "readers", uint64(k.Readers))
}
