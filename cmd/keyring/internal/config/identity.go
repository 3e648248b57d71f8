package config

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/keystore"
)

// SetIdentity writes the pin into the keystore block of a keyring.hcl, in the place of the one that is there. Every other
// byte stays as it is, but for the layout of that one block if it had the layout of `terraform fmt`. The file keeps its
// mode and owner, and a crash leaves the old file or the new one. A file that Load would refuse is not touched.
func SetIdentity(file string, pin ed25519.PublicKey) error {
	src, err := readFile(file)
	if err != nil {
		return err
	}
	if _, err := identityIn(file, src); err != nil {
		return err
	}
	next := withIdentity(file, src, pin)
	if now, err := identityIn(file, next); err != nil || !now.Equal(pin) {
		return fmt.Errorf("config: cannot edit %s: set identity = %q in its keystore block by hand", file, keystore.FormatPin(pin))
	}
	if bytes.Equal(src, next) {
		return nil
	}
	if err := durable.WriteFile(file, next, 0o600); err != nil {
		return fmt.Errorf("config: write identity = %q to %s: %w", keystore.FormatPin(pin), file, err)
	}
	return nil
}

// identityIn returns the pin in the text of a config, nil if it has none, or what is wrong with the config.
func identityIn(file string, src []byte) (ed25519.PublicKey, error) {
	c, p := &Config{}, &problems{}
	decode(c, parseHCL(file, src, p), p)
	return c.Keystore.Identity, p.err()
}

// withIdentity returns the text src of a sound config with the pin in it.
func withIdentity(file string, src []byte, pin ed25519.PublicKey) []byte {
	f, _ := hclsyntax.ParseConfig(src, file, hcl.InitialPos)
	for _, b := range f.Body.(*hclsyntax.Body).Blocks {
		if b.Type != "keystore" {
			continue
		}
		from, to := b.TypeRange.Start.Byte, b.CloseBraceRange.End.Byte
		changed := spliceIdentity(src, b, strconv.Quote(keystore.FormatPin(pin)))
		if old := src[from:to]; bytes.Equal(hclwrite.Format(old), old) {
			changed = hclwrite.Format(changed)
		}
		return concat(src[:from], changed, src[to:])
	}
	return src
}

// spliceIdentity returns the text of block with value as its identity: in the place of the old value, or in a line of
// its own before the closing brace.
func spliceIdentity(src []byte, block *hclsyntax.Block, value string) []byte {
	from, to := block.TypeRange.Start.Byte, block.CloseBraceRange.End.Byte
	if a := block.Body.Attributes["identity"]; a != nil {
		old := a.Expr.Range()
		return concat(src[from:old.Start.Byte], []byte(value), src[old.End.Byte:to])
	}
	open, end := block.OpenBraceRange.End.Byte, block.CloseBraceRange.Start.Byte
	inner := bytes.TrimRight(src[open:end], " \t")
	indent := src[open+len(inner) : end] // of the closing brace
	if block.OpenBraceRange.Start.Line == block.CloseBraceRange.Start.Line {
		// One line holds one attribute at most.
		inner, indent = concat([]byte("\n  "), bytes.TrimSpace(inner), []byte("\n")), nil
	}
	line := concat(indent, []byte("  identity = "+value+"\n"), indent)
	return concat(src[from:open], inner, line, src[end:to])
}

// concat returns the parts, one after the other, in a slice of their own.
func concat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
