package azurekeyvault

import (
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync"
)

// network is what one call saw of the network. Azure's library turns an error of the login's connection into text; here
// it is kept as it was.
type network struct {
	mu  sync.Mutex // a connection may still be made when the request that wanted it is given up
	err error
}

func (n *network) trace(c *conn) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn:          func(got httptrace.GotConnInfo) { n.got(c, got.Conn) },
		DNSDone:          func(done httptrace.DNSDoneInfo) { n.failed(done.Err) },
		ConnectDone:      func(_, _ string, err error) { n.failed(err) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { n.failed(err) },
	}
}

func (n *network) got(c *conn, link net.Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.err = nil // of an address that did not answer while another did
	if t, ok := link.(*tls.Conn); ok && t.ConnectionState().ServerName == c.vault {
		c.keep(link)
	}
}

func (n *network) failed(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err != nil {
		n.err = err
	}
}

// cause returns the last error, nil if there was none since the last connection.
func (n *network) cause() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.err
}
