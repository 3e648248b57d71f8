package config

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/sealwax/sealwax/internal/jwa"
	"github.com/sealwax/sealwax/internal/tokenlife"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/discovery"
)

// DefaultTokenLifetime is how long tokens live at most, unless the config says otherwise.
const DefaultTokenLifetime = tokenlife.DefaultTokenLifetime

// Signing says what new keys sign with, and what is said of it to those who verify.
type Signing struct {
	keyring.Signing
	Issuer        string        // may be empty
	TokenLifetime time.Duration // the longest; 0 is DefaultTokenLifetime
}

func decodeSigning(b block, p *problems) Signing {
	f := newFields(b, p)
	f.require("algorithms")
	s := Signing{
		Signing: keyring.Signing{
			Algorithms: f.texts("algorithms", checkAlgorithm),
			RSABits:    int(f.number("rsa_bits", 2048, 3072)),
		},
		Issuer:        f.text("issuer", checkIssuer),
		TokenLifetime: f.duration("token_lifetime", time.Second, 8760*time.Hour),
	}
	switch a := f.find("rsa_bits"); {
	case s.RSABits == 0:
	case s.RSABits != 2048 && s.RSABits != 3072:
		p.at(f.file, a.Line, "signing: rsa_bits must be 2048 or 3072")
	case s.Algorithms != nil && !slices.Contains(s.Algorithms, jwa.RS256):
		p.at(f.file, a.Line, "signing: rsa_bits is for RS256, which is not among the algorithms")
	}
	f.refuseRest()
	return s
}

func checkAlgorithm(s string) error {
	if !jwa.Known(s) {
		return fmt.Errorf("%.80q is not one of EdDSA, ES256 and RS256", s)
	}
	return nil
}

func checkIssuer(s string) error {
	if err := discovery.CheckIssuer(s); err != nil {
		return fmt.Errorf("%.80q %w", s, err)
	}
	return nil
}

// appendSigning writes the block if it says anything.
func appendSigning(file *hclwrite.Body, s *Signing) {
	if len(s.Algorithms) == 0 {
		return
	}
	file.AppendNewline()
	b := file.AppendNewBlock("signing", nil).Body()
	var names []cty.Value
	for _, a := range s.Algorithms {
		names = append(names, cty.StringVal(a))
	}
	b.SetAttributeValue("algorithms", cty.ListVal(names))
	setNumber(b, "rsa_bits", uint64(s.RSABits))
	setText(b, "issuer", s.Issuer)
	setDuration(b, "token_lifetime", s.TokenLifetime)
}
