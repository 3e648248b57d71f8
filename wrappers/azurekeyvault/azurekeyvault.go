package azurekeyvault

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/keyvault/azkeys"
	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Provider is what configs call this package.
const Provider = "azurekeyvault"

// scheme is written into keystores: the ciphertext is RSA-OAEP's with SHA-256 for both hash and mask, and no label.
const scheme = "azure-rsa-oaep-256/1"

// A Wrapper encrypts and decrypts with one RSA key of one vault. It is safe for concurrent use, but makes one request
// after the other. It is connected at its first use, so that making one needs neither network nor files.
type Wrapper struct {
	config Config
	key    string // its URL, without a version

	// turn is held during a request. The driver's client finds out where to log in from the vault's answer, and writes
	// that down without a lock at the first request, and at each that is refused for its token.
	turn chan struct{}

	mu     sync.Mutex
	conn   *conn // nil until the first use
	closed bool
}

var (
	_ wrapping.Wrapper     = (*Wrapper)(nil)
	_ wrappers.Versioner   = (*Wrapper)(nil)
	_ wrappers.Classifier  = (*Wrapper)(nil)
	_ wrappers.PinRequirer = (*Wrapper)(nil)
	_ wrappers.Checker     = (*Wrapper)(nil)
	_ wrappers.Inspector   = (*Wrapper)(nil)
)

// New returns a wrapper for a key. It checks the config and the environment and calls nobody.
func New(config Config) (*Wrapper, error) {
	config = config.complete()
	if err := config.validate(); err != nil {
		return nil, err
	}
	return newWrapper(config), nil
}

func newWrapper(config Config) *Wrapper {
	return &Wrapper{config: config, key: config.keyURL(), turn: make(chan struct{}, 1)}
}

// Type returns "azurekeyvault".
func (w *Wrapper) Type(context.Context) (wrapping.WrapperType, error) { return Provider, nil }

// KeyId returns the key's URL, without a version.
func (w *Wrapper) KeyId(context.Context) (string, error) { return w.key, nil }

// SetConfig refuses: New and Configure return a wrapper that is configured for good.
func (w *Wrapper) SetConfig(context.Context, ...wrapping.Option) (*wrapping.WrapperConfig, error) {
	return nil, errors.New("azurekeyvault: a wrapper is configured by its constructor")
}

// Scheme returns "azure-rsa-oaep-256/1".
func (w *Wrapper) Scheme() string { return scheme }

// RequiresPin returns true: the public half of an RSA key is no secret, and whoever has it can wrap under it.
func (w *Wrapper) RequiresPin() bool { return true }

// Check reads the client secret and the variables, and calls nobody.
func (w *Wrapper) Check(context.Context) error {
	_, err := w.connect()
	return err
}

// Close closes the connection to the vault. Calls that are under way may go on.
func (w *Wrapper) Close() error {
	w.mu.Lock()
	conn := w.conn
	w.conn, w.closed = nil, true
	w.mu.Unlock()
	if conn != nil {
		conn.close()
	}
	return nil
}

// connect returns the connection, making it if there is none. It waits for no network.
func (w *Wrapper) connect() (*conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, &setupError{errors.New("azurekeyvault: used after Close")}
	}
	if w.conn == nil {
		conn, err := newConn(&w.config)
		if err != nil {
			return nil, &setupError{err}
		}
		w.conn = conn
	}
	return w.conn, nil
}

// call makes one request, and a second one if the credentials were refused and there may be others by now.
func (w *Wrapper) call(ctx context.Context, r request, f func(context.Context, *azkeys.Client) error) error {
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	conn, err := w.connect()
	if err != nil {
		return err
	}
	err = conn.do(ctx, r, f)
	if w.forget(conn, err) {
		if conn, again := w.connect(); again == nil {
			return conn.do(ctx, r, f)
		}
	}
	return err
}

// forget drops a connection whose credentials were refused, and reports whether another may do better. A secret that the
// login server refused is not sent twice. A token that the vault refused is dropped with the connection, as the client
// would go on using it: then the login says what is wrong.
func (w *Wrapper) forget(c *conn, err error) bool {
	var refused *refusal
	if !errors.As(err, &refused) || refused.status != http.StatusUnauthorized {
		return false
	}
	if refused.op == login {
		now, err := w.config.secret()
		defer now.Clear()
		if err != nil || c.same(now) {
			return false // the refusal that made us look is what the operator needs to see
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn != c {
		return false // closed meanwhile
	}
	w.conn = nil
	c.close()
	return true
}
