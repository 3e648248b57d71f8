package azurekeyvault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"os"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/keyvault/azkeys"
	driver "github.com/hashicorp/go-kms-wrapping/wrappers/azurekeyvault/v2"

	"github.com/sealwax/sealwax/internal/secret"
)

// conn is a client with its credentials and the token that they got.
type conn struct {
	client *azkeys.Client
	vault  string // its host

	mu     sync.Mutex
	secret secret.Bytes // what the client logs in with; empty for an identity of the machine
	link   net.Conn     // to the vault, nil before the first request
	closed bool
}

// errChallenge is worded as the client words its other complaints about a challenge.
var errChallenge = errors.New("the client panicked at the WWW-Authenticate header")

// newConn reads the client secret and lets the official driver turn the settings into a client. Nothing is sent yet: its
// look at the key is switched off. So are its environment variables, which would win over the config: what the config
// leaves to them is put in here.
func newConn(c *Config) (*conn, error) {
	credential, err := c.secret()
	if err != nil {
		return nil, err
	}
	d := driver.NewWrapper()
	_, err = d.SetConfig(context.Background(),
		driver.WithDisallowEnvVars(true),
		driver.WithKeyNotRequired(true),
		driver.WithTenantId(c.TenantID),
		driver.WithClientId(c.ClientID),
		driver.WithClientSecret(string(credential.Expose())), // as a string, which cannot be cleared
		driver.WithEnvironment(c.Environment),
		driver.WithResource(c.Resource),
		driver.WithVaultName(c.VaultName),
		driver.WithKeyName(c.KeyName),
	)
	if err == nil && d.Client() == nil {
		err = errors.New("the driver made no client")
	}
	if err != nil {
		return nil, fmt.Errorf("azurekeyvault: make a client from the config and the AZURE_* variables: %w", err)
	}
	return &conn{client: d.Client(), secret: credential, vault: c.host()}, nil
}

// secret returns the client secret, empty if there is none.
func (c *Config) secret() (secret.Bytes, error) {
	if !c.hasSecret() {
		return secret.Bytes{}, nil
	}
	b := []byte(os.Getenv("AZURE_CLIENT_SECRET"))
	if c.ClientSecret != nil {
		var err error
		if b, err = c.ClientSecret(); err != nil {
			return secret.Bytes{}, fmt.Errorf("azurekeyvault: read the client secret: %w", err)
		}
		defer clear(b)
	}
	text := bytes.TrimSpace(b)
	if len(text) == 0 || bytes.ContainsFunc(text, notSecret) {
		return secret.Bytes{}, errors.New("azurekeyvault: the client secret is empty or has characters that none has")
	}
	return secret.Copy(text), nil
}

func notSecret(r rune) bool { return r <= ' ' || r > '~' }

// do makes one request, without the retries of the client: the KEK retries, with its own deadline. The context ends the
// login too.
func (c *conn) do(ctx context.Context, r request, f func(context.Context, *azkeys.Client) error) error {
	seen, secret := new(network), c.loginSecret()
	ctx = policy.WithRetryOptions(ctx, policy.RetryOptions{MaxRetries: -1})
	err := noPanic(func() error { return f(httptrace.WithClientTrace(ctx, seen.trace(c)), c.client) })
	if err == nil {
		return nil
	}
	return explain(ctx, r, err, seen.cause(), secret)
}

// noPanic makes an error of a panic: Azure's client takes a challenge apart without looking, and one that is not a vault's
// must not be blamed on the blob.
func noPanic(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errChallenge
		}
	}()
	return f()
}

// loginSecret returns the client secret as Azure's library has it.
func (c *conn) loginSecret() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.secret.Expose())
}

// same reports whether b is the secret in use.
func (c *conn) same(b secret.Bytes) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.secret.Equal(b)
}

// keep remembers the connection to the vault, since the driver keeps its transport to itself. There is one at a time: a
// wrapper makes one request after the other, and a second connection means that the first is of no more use.
func (c *conn) keep(link net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		link.Close() // which was wanted before
	case c.link != nil && c.link != link:
		c.link.Close()
	}
	c.link = link
}

// close closes the connection to the vault, and with it the goroutines that read from it and write to it. That to the
// login server belongs to Azure's library and is shared by the whole process, which closes it after 90 s without use.
func (c *conn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.secret.Clear()
	if c.link != nil {
		c.link.Close()
	}
}
