package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
)

// checkedBlocks is what the config says of the life of keys. A block that is not there is left out, and what a block does
// not say. The names are API.
type checkedBlocks struct {
	Keystore *checkedKeystore `json:"keystore,omitempty"`
	Rotation *checkedRotation `json:"rotation,omitempty"`
	Signing  *checkedSigning  `json:"signing,omitempty"`
	Sources  []checkedSource  `json:"sources,omitempty"`
}

type checkedKeystore struct {
	Lease     string `json:"lease,omitempty"`
	ClockSkew string `json:"clock_skew,omitempty"`
	Readers   int    `json:"readers,omitempty"`
}

type checkedRotation struct {
	Period     string `json:"period,omitempty"`
	Prepublish string `json:"prepublish,omitempty"`
	Messages   uint64 `json:"messages,omitempty"`
	Bytes      uint64 `json:"bytes,omitempty"`
}

type checkedSigning struct {
	Algorithms    []string `json:"algorithms"`
	RSABits       int      `json:"rsa_bits,omitempty"`
	Issuer        string   `json:"issuer,omitempty"`
	TokenLifetime string   `json:"token_lifetime"`
}

type checkedSource struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Path     string `json:"path"`
	ReadOnly bool   `json:"read_only"`
}

func checkBlocks(c *config.Config) checkedBlocks {
	var b checkedBlocks
	if k := (checkedKeystore{written(c.Keystore.Lease), written(c.Keystore.ClockSkew), c.Keystore.Readers}); k != (checkedKeystore{}) {
		b.Keystore = &k
	}
	if r := (checkedRotation{written(c.Rotation.Period), written(c.Rotation.Prepublish), c.Rotation.Messages, c.Rotation.Bytes}); r != (checkedRotation{}) {
		b.Rotation = &r
	}
	if s := c.Signing; len(s.Algorithms) > 0 {
		b.Signing = &checkedSigning{s.Algorithms, s.RSABits, s.Issuer, written(cmp.Or(s.TokenLifetime, config.DefaultTokenLifetime))}
	}
	for _, s := range c.Sources {
		b.Sources = append(b.Sources, checkedSource{s.Name, s.Type, s.Path, s.ReadOnly})
	}
	return b
}

// written is a duration as a config has it, "" for one that is not there. The negative one is none on purpose.
func written(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return max(d, 0).String()
}

// printBlocks prints a line for each block.
func (c *cli) printBlocks(b *checkedBlocks) {
	w := c.table()
	if k := b.Keystore; k != nil {
		fmt.Fprintf(w, "keystore\t%s\n", sayings("lease", k.Lease, "clock skew", k.ClockSkew, "readers", count(k.Readers)))
	}
	if r := b.Rotation; r != nil {
		fmt.Fprintf(w, "rotation\t%s\n", sayings("period", r.Period, "prepublish", r.Prepublish, "messages", count(r.Messages), "bytes", count(r.Bytes)))
	}
	if s := b.Signing; s != nil {
		fmt.Fprintf(w, "signing\t%s, %s\n", strings.Join(s.Algorithms, " "),
			sayings("RSA bits", count(s.RSABits), "issuer", s.Issuer, "token lifetime", s.TokenLifetime))
	}
	for _, s := range b.Sources {
		readOnly := ""
		if s.ReadOnly {
			readOnly = ", read-only"
		}
		fmt.Fprintf(w, "source\t%s, %s:%s%s\n", s.Name, s.Type, s.Path, readOnly)
	}
	w.Flush()
}

// sayings joins names and values, but for values that are empty.
func sayings(pairs ...string) string {
	var said []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			said = append(said, pairs[i]+" "+pairs[i+1])
		}
	}
	return strings.Join(said, ", ")
}

// count is a number as sayings takes it, "" for none.
func count[N int | uint64](n N) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
