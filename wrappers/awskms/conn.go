package awskms

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/client"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/endpoints"
	"github.com/aws/aws-sdk-go/aws/request"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/kms"
	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	driver "github.com/hashicorp/go-kms-wrapping/wrappers/awskms/v2"
)

const (
	sendTimeout      = 30 * time.Second // of a request, for callers without a deadline; those of a KEK have 10 s
	instanceTimeout  = time.Second      // of one to the instance's metadata: the usual way to see that there is no instance
	containerTimeout = 5 * time.Second  // of one to the container's agent, which is there if a variable says so
	expiryWindow     = time.Minute      // that credentials are renewed before their end
	kept             = 16               // connections kept open; a KEK has at most 16 calls inside
)

// conn is a configured client with its credentials and its connections.
type conn struct {
	kms     *kms.KMS
	session *session.Session
	region  string
	login   *login
}

// newConn makes what is needed to send, in the given region. Nothing is sent yet.
func newConn(c *Config, region string) (*conn, error) {
	sess, err := newSession(region, session.SharedConfigDisable)
	if err != nil {
		return nil, err
	}
	sources, err := c.sources(sess)
	if err != nil {
		return nil, err
	}
	made, err := newClient(c, region)
	if err != nil {
		return nil, err
	}
	made.Client.Config.HTTPClient = sess.Config.HTTPClient
	made.Client.Retryer = client.NoOpRetryer{} // the KEK retries, with its own deadline
	return &conn{made, sess, region, newLogin(sources)}, nil
}

// newSession returns the SDK's notion of the environment: AWS_CA_BUNDLE for the HTTP client, FIPS and dual-stack endpoints.
func newSession(region string, files session.SharedConfigState) (*session.Session, error) {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: sendTimeout}).DialContext,
		TLSHandshakeTimeout: sendTimeout,
		MaxIdleConnsPerHost: kept,
		IdleConnTimeout:     time.Minute, // less than AWS takes to close one
	}
	sess, err := session.NewSessionWithOptions(session.Options{
		SharedConfigState: files,
		Config: aws.Config{
			Region:              aws.String(region),
			Credentials:         credentials.AnonymousCredentials, // each request gets those of the login
			STSRegionalEndpoint: endpoints.RegionalSTSEndpoint,
			HTTPClient: &http.Client{
				Transport:     transport,
				Timeout:       sendTimeout,
				CheckRedirect: stay,
			},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("awskms: make a session from the AWS_* variables: %w", newCallError("", err))
	}
	return sess, nil
}

// stay follows no redirect: KMS sends none, and it would carry the root elsewhere.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// nearby returns a client for a service on the link or on loopback: no proxy is asked, and no connection kept.
func nearby(timeout time.Duration) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		Timeout:       timeout,
		CheckRedirect: stay,
	}
}

// unreadable is a path that no system opens.
const unreadable = "\x00"

// newClient lets the official driver turn the settings into a KMS client.
//
// Its SetConfig would go on to ask KMS for the key, unless the key is not required; would ask the instance for a region,
// unless it is given one; and, where AWS_ROLE_ARN is set, would log in with the web identity of AWS_WEB_IDENTITY_TOKEN_FILE.
// Nothing of this obeys a context. For the last it is given a token file of its own that cannot be read, so that it
// goes on without: credentials are looked for in login.
func newClient(c *Config, region string) (*kms.KMS, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return nil, err
	}
	d := driver.NewWrapper()
	_, err = d.SetConfig(context.Background(),
		wrapping.WithKeyId(c.KeyID),
		driver.WithKeyNotRequired(true),
		driver.WithDisallowEnvVars(true), // AWSKMS_WRAPPER_KEY_ID would go over the key that the config names
		driver.WithRegion(region),
		driver.WithEndpoint(endpoint),
		driver.WithWebIdentityTokenFile(unreadable),
	)
	if err != nil {
		return nil, fmt.Errorf("awskms: make a client from the config and the AWS_* variables: %w", newCallError("", err))
	}
	return d.Client().(*kms.KMS), nil // an interface of the SDK for tests; the driver makes nothing else
}

// send sends a request, and another one if AWS refused the credentials and there are others by now. It returns the HTTP
// answer as well, nil if there was none.
func send[In, Out any](ctx context.Context, c *conn, action string, build func(*In) (*request.Request, *Out), in *In) (*Out, *http.Response, error) {
	creds, err := c.login.get(ctx)
	if err != nil {
		return nil, nil, err
	}
	out, answer, err := sendAs(ctx, creds, action, build, in)
	if refusesCredentials(err) {
		if others, ok := c.login.renew(ctx, creds); ok {
			return sendAs(ctx, others, action, build, in)
		}
	}
	return out, answer, err
}

func sendAs[In, Out any](ctx context.Context, creds credentials.Value, action string, build func(*In) (*request.Request, *Out), in *In) (*Out, *http.Response, error) {
	req, out := build(in)
	req.SetContext(ctx)
	req.Config.Credentials = credentials.NewStaticCredentialsFromCreds(creds)
	if err := req.Send(); err != nil {
		return nil, req.HTTPResponse, newCallError(action, err, creds.SecretAccessKey, creds.SessionToken)
	}
	return out, req.HTTPResponse, nil
}

func (c *conn) close() { c.session.Config.HTTPClient.CloseIdleConnections() }
