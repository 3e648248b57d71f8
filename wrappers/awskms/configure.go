package awskms

import (
	"context"
	"path/filepath"
	"strings"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Configure makes a wrapper from the settings of a config's block. It calls nobody and reads no file.
func Configure(_ context.Context, s *wrappers.Settings) (wrapping.Wrapper, error) {
	config := Config{
		KeyID:                s.Require("kms_key_id"),
		Region:               s.String("region"),
		Endpoint:             s.String("endpoint"),
		AccessKey:            s.Secret("access_key").Func(),
		SecretKey:            s.Secret("secret_key").Func(),
		SessionToken:         s.Secret("session_token").Func(),
		SharedCredsFilename:  s.Path("shared_creds_filename"),
		SharedCredsProfile:   s.String("shared_creds_profile"),
		WebIdentityTokenFile: identityFile(s),
		RoleARN:              s.String("role_arn"),
		RoleSessionName:      s.String("role_session_name"),
		DisallowEnvVars:      s.Bool("disallow_env_vars", false),
	}
	s.Bool("key_not_required", false) // of Nomad's driver: whether its start may ask for the key. Ours never does.
	compareEnvironment(s)
	if s.Has("kms_key_id") {
		config.check(s.Refuse)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	return &Wrapper{config: config}, nil
}

// identityFile returns the path of the web identity's token, which may be written like that of a secret.
func identityFile(s *wrappers.Settings) string {
	const name = "web_identity_token_file"
	path, isURL := strings.CutPrefix(s.String(name), "file://")
	switch {
	case isURL && !filepath.IsAbs(path):
		s.Refuse(name, "needs an absolute path after file://, as in file:///run/secrets/token")
	case isURL:
		return path
	}
	return s.Path(name)
}

// compareEnvironment warns of variables that AWS's tools or the driver would use instead of the block.
func compareEnvironment(s *wrappers.Settings) {
	s.Env("kms_key_id", "AWSKMS_WRAPPER_KEY_ID", "VAULT_AWSKMS_SEAL_KEY_ID")
	s.Env("region", "AWS_REGION", "AWS_DEFAULT_REGION")
	s.Env("endpoint", "AWS_KMS_ENDPOINT", "AWS_ENDPOINT_URL_KMS")
	s.Env("access_key", "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY")
	s.Env("secret_key", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY")
	s.Env("session_token", "AWS_SESSION_TOKEN")
	s.Env("shared_creds_filename", "AWS_SHARED_CREDENTIALS_FILE")
	s.Env("shared_creds_profile", "AWS_PROFILE")
	s.Env("web_identity_token_file", "AWS_WEB_IDENTITY_TOKEN_FILE")
	s.Env("role_arn", "AWS_ROLE_ARN")
	s.Env("role_session_name", "AWS_ROLE_SESSION_NAME")
}
