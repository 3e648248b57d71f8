package awskms

import (
	"errors"
	"os"

	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/defaults"
	"github.com/aws/aws-sdk-go/aws/session"
)

// sources returns the places where the driver would look, in its order, with three differences. It asks the environment
// before the files that the block names, and AWS_PROFILE goes over the block's profile; here a block that names a source is
// obeyed. It logs in with a web identity while it is configured, without a deadline; here that waits for the first use. And
// where that login fails it goes on to the instance's role, which is the role of somebody else; here that is an error.
func (c *Config) sources(sess *session.Session) ([]source, error) {
	if c.RoleARN != "" && c.identityFile() == "" {
		return nil, errors.New("awskms: role_arn needs web_identity_token_file or AWS_WEB_IDENTITY_TOKEN_FILE: nothing else assumes a role here")
	}
	if c.WebIdentityTokenFile != "" && c.role() == "" {
		return nil, errors.New("awskms: web_identity_token_file needs role_arn or AWS_ROLE_ARN")
	}
	if named, err := c.named(sess); len(named) > 0 || err != nil {
		return named, err
	}
	if c.role() != "" && c.identityFile() != "" {
		identity, err := c.webIdentity(sess)
		return []source{identity}, err
	}
	return []source{
		{"environment variables", new(credentials.EnvProvider)},
		{"the shared credentials file", new(credentials.SharedCredentialsProvider)},
		remote(sess),
	}, nil
}

// named returns the sources that the config names.
func (c *Config) named(sess *session.Session) ([]source, error) {
	var named []source
	if c.AccessKey != nil {
		named = append(named, c.accessKey())
	}
	if c.WebIdentityTokenFile != "" || c.RoleARN != "" {
		identity, err := c.webIdentity(sess)
		if err != nil {
			return nil, err
		}
		named = append(named, identity)
	}
	if c.SharedCredsFilename != "" || c.SharedCredsProfile != "" {
		named = append(named, c.sharedFile())
	}
	return named, nil
}

func (c *Config) sharedFile() source {
	name := "the shared credentials file"
	if c.SharedCredsFilename != "" {
		name = "the file " + c.SharedCredsFilename
	}
	if c.SharedCredsProfile != "" {
		name += ", profile " + c.SharedCredsProfile
	}
	return source{name, &credentials.SharedCredentialsProvider{Filename: c.SharedCredsFilename, Profile: c.SharedCredsProfile}}
}

const containersRole = "the container's role"

// remote asks for the role of the container, if a variable says where, or of the instance.
func remote(sess *session.Session) source {
	name, timeout := "the instance's role", instanceTimeout
	if os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "" || os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" {
		name, timeout = containersRole, containerTimeout
	}
	config := sess.Config.Copy().WithHTTPClient(nearby(timeout)).WithMaxRetries(1)
	return source{name, defaults.RemoteCredProvider(*config, sess.Handlers)}
}
