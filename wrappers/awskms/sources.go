package awskms

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go/aws/client"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/credentials/stscreds"
	"github.com/aws/aws-sdk-go/aws/defaults"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/sts"
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

func (c *Config) accessKey() source { return source{"access_key and secret_key", fixed{c}} }

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

func (c *Config) identityFile() string {
	return cmp.Or(c.WebIdentityTokenFile, os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"))
}

func (c *Config) role() string { return cmp.Or(c.RoleARN, os.Getenv("AWS_ROLE_ARN")) }

// webIdentity is the token of a file, which AWS's login service turns into credentials for an hour.
func (c *Config) webIdentity(sess *session.Session) (source, error) {
	endpoint, err := c.stsEndpoint()
	if err != nil {
		return source{}, err
	}
	session := cmp.Or(c.RoleSessionName, os.Getenv("AWS_ROLE_SESSION_NAME"))
	provider := stscreds.NewWebIdentityRoleProviderWithOptions(newSTS(sess, endpoint), c.role(), session, tokenFile(c.identityFile()),
		func(p *stscreds.WebIdentityRoleProvider) { p.ExpiryWindow = expiryWindow })
	return source{fmt.Sprintf("the web identity token file %s, for the role %s", c.identityFile(), c.role()), provider}, nil
}

// tokenFile is the file of a web identity's token, which is read at each login: who writes it replaces it every hour or so.
type tokenFile string

// FetchToken implements stscreds.TokenFetcher. The SDK's own hides from errors.As that a file is missing.
func (f tokenFile) FetchToken(context.Context) ([]byte, error) { return os.ReadFile(string(f)) }

// newSTS returns a client of the login service at an endpoint, that of the region if it is "". It signs nothing by itself.
func newSTS(sess *session.Session, endpoint string) *sts.STS {
	config := sess.Config.Copy()
	if endpoint != "" {
		config.Endpoint = &endpoint
	}
	service := sts.New(sess, config)
	service.Client.Retryer = client.NoOpRetryer{}
	return service
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

// fixed reads the access key that the config names, again whenever it is asked.
type fixed struct{ config *Config }

// Retrieve returns the key as strings, which is how the SDK keeps it: they cannot be cleared.
func (f fixed) Retrieve() (credentials.Value, error) {
	var (
		value credentials.Value
		errs  []error
	)
	for _, s := range []struct {
		name string
		read func() ([]byte, error)
		into *string
	}{
		{"access_key", f.config.AccessKey, &value.AccessKeyID},
		{"secret_key", f.config.SecretKey, &value.SecretAccessKey},
		{"session_token", f.config.SessionToken, &value.SessionToken},
	} {
		if s.read == nil {
			continue
		}
		text, err := readSecret(s.name, s.read)
		*s.into = text
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return credentials.Value{}, &setupError{err}
	}
	return value, nil
}

// IsExpired returns false: the end of such a key is known when AWS refuses it.
func (f fixed) IsExpired() bool { return false }

func readSecret(name string, read func() ([]byte, error)) (string, error) {
	b, err := read()
	defer clear(b)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	text := string(bytes.TrimSpace(b))
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("%s is empty or has characters that none has", name)
	}
	return text, nil
}
