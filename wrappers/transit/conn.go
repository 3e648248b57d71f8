package transit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	driver "github.com/hashicorp/go-kms-wrapping/wrappers/transit/v2"
	"github.com/hashicorp/vault/api"

	"github.com/sealwax/sealwax/internal/secret"
)

// conn is a configured client with its token, and the renewal of that token.
type conn struct {
	client *api.Client
	http   *http.Client
	config *Config

	ctx     context.Context // ends with close, and the renewal with it
	cancel  context.CancelFunc
	renewal sync.WaitGroup

	mu   sync.Mutex
	kept secret.Bytes // the token for which a renewal was started last
}

// newConn reads the token and the certificates. Nothing is sent yet.
func newConn(config *Config) (*conn, error) {
	token, err := config.token()
	if err != nil {
		return nil, err
	}
	client, err := newClient(config)
	if err != nil {
		return nil, err
	}
	if config.Address != "" {
		// Again, since VAULT_AGENT_ADDR goes over the address that the driver was given.
		if err := client.SetAddress(config.Address); err != nil {
			return nil, fmt.Errorf("transit: address: %w", err)
		}
	}
	// VAULT_WRAP_TTL would make Vault answer with a wrapping token in place of a ciphertext.
	client.SetWrappingLookupFunc(func(string, string) string { return "" })
	client.SetMaxRetries(0) // the KEK retries, with its own deadline
	client.SetToken(token)
	c := &conn{client: client, http: client.CloneConfig().HttpClient, config: config}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// unsendable is a token that Vault's client refuses to put into a header, before it opens a connection.
const unsendable = "\u00ad"

// newClient lets the official driver turn the settings into an API client.
//
// The driver's SetConfig would go on to renew the token and to encrypt a test value. Both ignore the context, take 7 to 8 s
// when Vault is down and for ever when it is silent, and a token that may only decrypt would be refused. So the driver
// gets a token that the client does not send: SetConfig fails at its test value, with the client made and no byte sent.
// Should a later driver do without the test, it succeeds, and nothing here changes.
func newClient(c *Config) (*api.Client, error) {
	d := driver.NewWrapper()
	_, err := d.SetConfig(context.Background(),
		wrapping.WithDisallowEnvVars(true),
		driver.WithToken(unsendable),
		driver.WithDisableRenewal("true"),
		driver.WithAddress(c.Address),
		driver.WithNamespace(c.Namespace),
		driver.WithMountPath(c.mount()),
		driver.WithKeyName(c.KeyName),
		driver.WithTlsCaCert(c.TLSCACert),
		driver.WithTlsCaPath(c.TLSCAPath),
		driver.WithTlsClientCert(c.TLSClientCert),
		driver.WithTlsClientKey(c.TLSClientKey),
		driver.WithTlsServerName(c.TLSServerName),
		driver.WithTlsSkipVerify(c.TLSSkipVerify),
	)
	if made, ok := d.GetClient().(*driver.TransitClient); ok {
		return made.GetApiClient(), nil
	}
	if err == nil {
		err = errors.New("the driver made no client")
	}
	if unread, ok := errors.AsType[*url.Error](err); ok {
		err = fmt.Errorf("a URL in VAULT_ADDR, VAULT_AGENT_ADDR or VAULT_PROXY_ADDR: %w", unread.Err) // which may hold a password
	}
	return nil, fmt.Errorf("transit: make a client from the config and the VAULT_* variables: %w", err)
}

// token returns the token as a string, which is how Vault's client keeps it: it cannot be cleared.
func (c *Config) token() (string, error) {
	if c.Token == nil {
		return os.Getenv("VAULT_TOKEN"), nil
	}
	b, err := c.Token()
	defer clear(b)
	if err != nil {
		return "", fmt.Errorf("transit: read the token: %w", err)
	}
	token := string(bytes.TrimSpace(b))
	if token == "" || strings.ContainsFunc(token, notToken) {
		return "", errors.New("transit: the token is empty or has characters that no token has")
	}
	return token, nil
}

func notToken(r rune) bool { return r <= ' ' || r > '~' }

// newToken reports whether another token than used, which Vault refused, is in use by now. If no other call has found one
// meanwhile, it reads the token again.
func (c *conn) newToken(used string) bool {
	if c.client.Token() != used {
		return true
	}
	if c.config.Token == nil {
		return false
	}
	token, err := c.config.token()
	if err != nil || token == used {
		return false // the refusal that made us look is what the operator needs to see
	}
	c.client.SetToken(token)
	return true
}

func (c *conn) close() {
	c.mu.Lock() // so that keepToken has either started a renewal, which is then waited for, or sees the end of ctx
	c.cancel()
	c.kept.Clear()
	c.mu.Unlock()
	c.renewal.Wait()
	c.http.CloseIdleConnections()
}
