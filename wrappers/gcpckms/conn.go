package gcpckms

import (
	"context"
	"errors"
	"fmt"

	cloudkms "cloud.google.com/go/kms/apiv1"
	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	driver "github.com/hashicorp/go-kms-wrapping/wrappers/gcpckms/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// conn is a client over one HTTP/2 connection, and the credentials that it was made with.
type conn struct {
	client      *cloudkms.KeyManagementClient
	credentials *credentials

	// Guarded by Wrapper.mu.
	calls   int  // that are under way
	retired bool // by another conn: the last call closes it
}

// newConn lets the official driver turn the config into a client. The connection is opened in the background. Without a file
// Google's library first asks, once in a process and for some seconds at most, whether this machine is one of Google's.
func newConn(config *Config) (*conn, error) {
	found, err := config.readCredentials()
	if err != nil {
		return nil, err
	}
	d := driver.NewWrapper()
	_, err = d.SetConfig(context.Background(),
		wrapping.WithDisallowEnvVars(true), // they would win over the config
		driver.WithKeyNotRequired(true),    // or it would make two calls here, without a context
		driver.WithCredentials(found.path),
		driver.WithUserAgent(config.UserAgent),
		driver.WithProject(config.Project),
		driver.WithRegion(config.Region),
		driver.WithKeyRing(config.KeyRing),
		driver.WithCryptoKey(config.CryptoKey),
	)
	if err != nil {
		return nil, fmt.Errorf("gcpckms: make a client with the credentials of %s: %w", found, err)
	}
	client := d.Client()
	// The options that the library has for each call are a minute's timeout and its own retries. The KEK has both.
	client.CallOptions = &cloudkms.KeyManagementCallOptions{}
	return &conn{client: client, credentials: found}, nil
}

// acquire returns the connection for one call, making it if there is none.
func (w *Wrapper) acquire() (*conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, &setupError{errors.New("gcpckms: used after Close")}
	}
	if w.conn == nil {
		conn, err := newConn(&w.config)
		if err != nil {
			return nil, &setupError{err}
		}
		w.conn = conn
	}
	w.conn.calls++
	return w.conn, nil
}

// release ends a call on c.
func (w *Wrapper) release(c *conn) {
	w.mu.Lock()
	c.calls--
	last := c.retired && c.calls == 0
	w.mu.Unlock()
	if last {
		c.client.Close() // nobody waits for it any more
	}
}

// retire has the next call open a new connection. Calls on c go on. The caller holds c.
func (w *Wrapper) retire(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == c {
		w.conn, c.retired = nil, true
	}
}

// broken reports whether a connection is better not used again. One that timed out may be dead, which TCP notices after a
// quarter of an hour. One that could not be opened is opened again by gRPC after up to two minutes, and all calls fail until
// then.
func broken(err error, answered bool) bool {
	code := status.Code(err)
	return code == codes.DeadlineExceeded || code == codes.Unavailable && !answered
}

// renewed reports whether a call on c, whose credentials were refused, is worth another try, and then has that use what
// the file says now. A service account's key gets the same answer again unless it was replaced. Of the others, Cloud KMS
// may have refused the token that they gave an hour ago, and they give another one.
func (w *Wrapper) renewed(c *conn, answered bool) bool {
	found, err := w.config.readCredentials()
	if err != nil {
		return false // the refusal that made us look is what the operator needs to see
	}
	if *found == *c.credentials && (found.kind == "service_account" || !answered) {
		return false
	}
	w.retire(c)
	return true
}
