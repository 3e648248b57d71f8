package gcpckms

import (
	"context"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Configure makes a wrapper from the settings of a config's block. It calls nobody and reads no file.
func Configure(_ context.Context, s *wrappers.Settings) (wrapping.Wrapper, error) {
	config := Config{
		Project:   s.Require("project"),
		Region:    s.Require("region"),
		KeyRing:   s.Require("key_ring"),
		CryptoKey: s.Require("crypto_key"),
		UserAgent: s.String("user_agent"),
	}
	if config.Credentials = s.String("credentials"); !isContent(config.Credentials) {
		config.Credentials = s.File("credentials")
	}
	s.Bool("key_not_required", false) // of the probe at the start, which there is none of
	compareEnvironment(s)
	if s.Has("project") && s.Has("region") && s.Has("key_ring") && s.Has("crypto_key") {
		config.check(s.Refuse)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	return &Wrapper{config: config}, nil
}

// compareEnvironment warns of variables that the driver would use instead of the block.
func compareEnvironment(s *wrappers.Settings) {
	s.Env("credentials", "GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS")
	s.Env("project", "GOOGLE_PROJECT")
	s.Env("region", "GOOGLE_REGION")
	s.Env("key_ring", "GCPCKMS_WRAPPER_KEY_RING", "VAULT_GCPCKMS_SEAL_KEY_RING")
	s.Env("crypto_key", "GCPCKMS_WRAPPER_CRYPTO_KEY", "VAULT_GCPCKMS_SEAL_CRYPTO_KEY")
}
