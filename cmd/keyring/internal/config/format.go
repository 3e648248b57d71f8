package config

import (
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// Format returns the text of a keyring.hcl that says what c says, in the layout of `terraform fmt`: what init writes.
// Paths are written as they stand in c, and what has its default is left out.
func Format(c *Config) []byte {
	f := hclwrite.NewEmptyFile()
	cluster := f.Body().AppendNewBlock("cluster", nil).Body()
	setText(cluster, "id", c.Cluster)
	setText(cluster, "region", c.Region)

	f.Body().AppendNewline()
	appendKeystore(f.Body(), &c.Keystore)
	appendUnwrap(f.Body(), c.Unwrap)
	appendRotation(f.Body(), c.Rotation)
	appendSigning(f.Body(), &c.Signing)
	for _, g := range c.Groups {
		f.Body().AppendNewline()
		b := f.Body().AppendNewBlock("group", []string{g.Name}).Body()
		setNumber(b, "threshold", uint64(g.Threshold))
	}
	for i := range c.KEKs {
		f.Body().AppendNewline()
		appendKEK(f.Body(), &c.KEKs[i])
	}
	for i := range c.Sources {
		f.Body().AppendNewline()
		appendSource(f.Body(), &c.Sources[i])
	}
	return hclwrite.Format(f.Bytes())
}

func appendKEK(file *hclwrite.Body, k *KEK) {
	b := file.AppendNewBlock("keyring", []string{k.Provider}).Body()
	setText(b, "name", k.Name)
	setText(b, "group", k.Group)
	if !k.Active {
		b.SetAttributeValue("active", cty.False)
	}
	setDuration(b, "timeout", k.Timeout)
	setNumber(b, "calls_per_minute", uint64(k.CallsPerMinute))
	for _, s := range k.Settings {
		switch v := s.Value.(type) {
		case string:
			b.SetAttributeValue(s.Name, cty.StringVal(v))
		case bool:
			b.SetAttributeValue(s.Name, cty.BoolVal(v))
		case int64:
			b.SetAttributeValue(s.Name, cty.NumberIntVal(v))
		}
	}
}

// setText writes an attribute, unless it is empty.
func setText(b *hclwrite.Body, name, value string) {
	if value != "" {
		b.SetAttributeValue(name, cty.StringVal(value))
	}
}

// setDuration writes an attribute, unless it is zero.
func setDuration(b *hclwrite.Body, name string, d time.Duration) {
	if d != 0 {
		setText(b, name, d.String())
	}
}

// setNumber writes an attribute, unless it is zero.
func setNumber(b *hclwrite.Body, name string, n uint64) {
	if n != 0 {
		b.SetAttributeValue(name, cty.NumberUIntVal(n))
	}
}
