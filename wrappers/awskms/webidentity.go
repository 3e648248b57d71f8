package awskms

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go/aws/client"
	"github.com/aws/aws-sdk-go/aws/credentials/stscreds"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/sts"
)

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
	name := cmp.Or(c.RoleSessionName, os.Getenv("AWS_ROLE_SESSION_NAME"))
	provider := stscreds.NewWebIdentityRoleProviderWithOptions(newSTS(sess, endpoint), c.role(), name, tokenFile(c.identityFile()),
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
