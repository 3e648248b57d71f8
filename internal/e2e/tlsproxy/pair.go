package tlsproxy

import (
	"io"
	"net"
	"sync"
)

// A pair is a connection through the proxy, whose both ends are TCP.
type pair struct {
	host           string
	client, server net.Conn
}

// carry copies in both directions until both have ended.
func (c *pair) carry() {
	defer c.sever()
	var both sync.WaitGroup
	both.Go(func() { pipe(c.server, c.client) })
	both.Go(func() { pipe(c.client, c.server) })
	both.Wait()
}

// pipe copies until one end closes or breaks, and passes that on.
func pipe(to, from net.Conn) {
	if _, err := io.Copy(to, from); err != nil {
		from.Close()
		to.Close()
		return
	}
	if half, ok := to.(*net.TCPConn); ok {
		half.CloseWrite()
	}
}

// sever breaks both connections. It may be called again.
func (c *pair) sever() {
	c.client.Close()
	c.server.Close()
}
