package azurekeyvault

import (
	"net"
	"testing"

	"github.com/sealwax/sealwax/internal/secret"
)

// link is a connection that knows whether it was closed.
type link struct {
	net.Conn
	closed bool
}

func (l *link) Close() error {
	l.closed = true
	return nil
}

func TestConnectionsAreClosed(t *testing.T) {
	c := &conn{secret: secret.New([]byte("8Q~x"))}
	first, second, late := new(link), new(link), new(link)
	c.keep(first)
	c.keep(first)
	if first.closed {
		t.Error("a connection that is used again was closed")
	}
	c.keep(second)
	if !first.closed || second.closed {
		t.Errorf("after a second connection: the first is closed %v, the second %v; want true, false", first.closed, second.closed)
	}
	c.close()
	if !second.closed || c.loginSecret() == "8Q~x" {
		t.Error("close left the connection, or the secret")
	}
	c.keep(late)
	if !late.closed {
		t.Error("a connection that was made after close is open")
	}
}
