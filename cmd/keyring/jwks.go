package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/discovery"
	"github.com/sealwax/sealwax/keystore"
)

func (c *cli) jwksCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "jwks",
		Short: "Print the keys that tokens verify with, as a JSON Web Key Set; calls no KEK",
		Long: `jwks prints what a server of tokens publishes at ISSUER/.well-known/jwks.json: the public halves of
prepublished and active keys, and of retired ones for as long as their tokens live. With --openid it
prints what belongs at ISSUER/.well-known/openid-configuration.

It calls no KEK. What vouches for the keys is the signature of the keystore, and the pin. A key that
is damaged is left out with a warning, and the exit code is 0: the others verify without it, and
'keyring verify' is there to find fault. Before a key signs, whoever keeps a copy needs a new one:
see "Publish keys" in docs/operations.md.`,
		Example: `  keyring jwks > jwks.json
  keyring jwks | jq -r '.keys[] | [.kid, .alg] | @tsv'
  keyring jwks --openid > openid-configuration`,
		Args: cobra.NoArgs,
	}
	openID := cmd.Flags().Bool("openid", false, "print the OpenID discovery document instead; needs an issuer in the signing block")
	asJSON := jsonFlag(cmd)
	cmd.Flags().Lookup("json").Usage = "print JSON, which it does anyway"
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		err := c.publish(cmd, *openID)
		if err != nil {
			return c.fail(*asJSON, err)
		}
		return nil
	}
	return cmd
}

// publish prints a document.
func (c *cli) publish(cmd *cobra.Command, openID bool) error {
	s, err := c.site(cmd.Context())
	if err != nil {
		return err
	}
	defer s.close()
	if openID && s.config.Signing.Issuer == "" {
		return usageError{fmt.Errorf("the discovery document is about an issuer, and %s names none: put issuer = \"https://…\" into its signing block",
			s.config.File)}
	}
	contents, err := s.fetch(cmd.Context())
	if err != nil {
		return err
	}
	d, err := s.documents(contents)
	if err != nil {
		return err
	}
	c.warnUnpublished(d, s.config)
	if openID {
		_, err = c.out.Write(d.OpenID)
	} else {
		_, err = c.out.Write(d.JWKS)
	}
	return err
}

// documents returns what is published of a keystore. It is what every server does that follows it.
func (s *site) documents(contents *keystore.Contents) (*discovery.Documents, error) {
	return discovery.NewDocuments(keyring.VerificationKeys(contents), s.publishing(contents.Lease))
}

// publishing says how the keys of a keystore with this lease are published.
func (s *site) publishing(lease time.Duration) *discovery.Options {
	signing := s.config.Signing
	return &discovery.Options{
		Issuer: signing.Issuer, TokenLifetime: cmp.Or(signing.TokenLifetime, config.DefaultTokenLifetime),
		Lease: lease, ClockSkew: s.config.Keystore.ClockSkew,
	}
}

// warnUnpublished says what is missing in the documents, and what to do about it.
func (c *cli) warnUnpublished(d *discovery.Documents, conf *config.Config) {
	for _, k := range d.Damaged {
		c.log.Warn("a damaged verification key is left out, and what it signed does not verify: if it is the active one, run 'keyring rotate'",
			"kid", k.KID, "error", k.Err)
	}
	switch {
	case d.Keys > 0 || len(d.Damaged) > 0:
	case len(conf.Signing.Algorithms) == 0:
		c.log.Warn("there is no key to publish: put a signing block into " + conf.File +
			", as signing { algorithms = [\"EdDSA\"] }, then run 'keyring rotate': new keys get signing keys")
	default:
		c.log.Warn("there is no key to publish: run 'keyring rotate', since only new keys get signing keys")
	}
}
