package transit

import (
	"context"
	"strings"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Configure makes a wrapper from the settings of a config's block. It calls nobody and reads no file.
func Configure(_ context.Context, s *wrappers.Settings) (wrapping.Wrapper, error) {
	// Nomad's documentation allows file:// in front of tls_client_key, which its driver then takes for the key itself and
	// fails; here it is the same path with or without.
	config := Config{
		Address:        s.String("address"),
		Namespace:      s.String("namespace"),
		MountPath:      s.Require("mount_path"),
		KeyName:        s.Require("key_name"),
		KeyIDPrefix:    s.String("key_id_prefix"),
		DisableRenewal: s.Bool("disable_renewal", false),
		TLSCACert:      s.File("tls_ca_cert"),
		TLSCAPath:      s.File("tls_ca_path"),
		TLSClientCert:  s.File("tls_client_cert"),
		TLSClientKey:   s.File("tls_client_key"),
		TLSServerName:  s.String("tls_server_name"),
		TLSSkipVerify:  s.Bool("tls_skip_verify", false),
	}
	token := s.Secret("token")
	config.Token = token.Func()
	compareEnvironment(s)
	if s.Has("mount_path") && s.Has("key_name") {
		config.check(s.Refuse)
	}
	if setting, reason := refusedVariable(&config); setting != "" {
		s.Refuse(setting, reason)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	return wrapperOf(config, tokenSource(token)), nil
}

// tokenSource says where a token comes from.
func tokenSource(token wrappers.SecretSource) string {
	where := token.String()
	if file, ok := strings.CutPrefix(where, "file://"); ok {
		return "the token file " + file
	}
	if name, ok := strings.CutPrefix(where, "env://"); ok {
		return "the environment variable " + name
	}
	return "the config"
}

// compareEnvironment warns of variables that Vault's tools or the driver would use instead of the block.
func compareEnvironment(s *wrappers.Settings) {
	s.Env("address", "VAULT_ADDR", "VAULT_AGENT_ADDR")
	s.Env("token", "VAULT_TOKEN")
	s.Env("namespace", "VAULT_NAMESPACE")
	s.Env("mount_path", "TRANSIT_WRAPPER_MOUNT_PATH", "VAULT_TRANSIT_SEAL_MOUNT_PATH")
	s.Env("key_name", "TRANSIT_WRAPPER_KEY_NAME", "VAULT_TRANSIT_SEAL_KEY_NAME")
	s.Env("disable_renewal", "TRANSIT_WRAPPER_DISABLE_RENEWAL", "VAULT_TRANSIT_SEAL_DISABLE_RENEWAL")
	s.Env("tls_ca_cert", "VAULT_CACERT", "VAULT_CACERT_BYTES")
	s.Env("tls_ca_path", "VAULT_CAPATH", "VAULT_CACERT", "VAULT_CACERT_BYTES")
	s.Env("tls_client_cert", "VAULT_CLIENT_CERT")
	s.Env("tls_client_key", "VAULT_CLIENT_KEY")
	s.Env("tls_server_name", "VAULT_TLS_SERVER_NAME")
}
