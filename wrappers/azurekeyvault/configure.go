package azurekeyvault

import (
	"context"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Configure makes a wrapper from the settings of a config's block. It calls nobody and reads no file.
func Configure(_ context.Context, s *wrappers.Settings) (wrapping.Wrapper, error) {
	config := Config{
		TenantID:        s.String("tenant_id"),
		ClientID:        s.String("client_id"),
		ClientSecret:    s.Secret("client_secret").Func(),
		Environment:     s.String("environment"),
		Resource:        s.String("resource"),
		VaultName:       s.Require("vault_name"),
		KeyName:         s.Require("key_name"),
		DisallowEnvVars: s.Bool("disallow_env_vars", false),
	}
	s.Bool("key_not_required", false) // the key is never looked at before its first use
	compareEnvironment(s)
	config = config.complete()
	if s.Has("vault_name") && s.Has("key_name") {
		config.check(s.Refuse)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	return newWrapper(config), nil
}

// compareEnvironment warns of variables that the driver would use instead of the block.
func compareEnvironment(s *wrappers.Settings) {
	s.Env("tenant_id", "AZURE_TENANT_ID")
	s.Env("client_id", "AZURE_CLIENT_ID")
	s.Env("client_secret", "AZURE_CLIENT_SECRET")
	s.Env("environment", "AZURE_ENVIRONMENT")
	s.Env("resource", "AZURE_AD_RESOURCE")
	s.Env("vault_name", "AZUREKEYVAULT_WRAPPER_VAULT_NAME", "VAULT_AZUREKEYVAULT_VAULT_NAME")
	s.Env("key_name", "AZUREKEYVAULT_WRAPPER_KEY_NAME", "VAULT_AZUREKEYVAULT_KEY_NAME")
}
