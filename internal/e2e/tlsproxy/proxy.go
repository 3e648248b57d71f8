// Package tlsproxy brings connections for host names of the internet to listeners on loopback, so that an unmodified
// client of a cloud talks TLS with a test server and with nobody else.
//
// It is an HTTP proxy that knows CONNECT alone, and an authority that signs the servers' certificates. [Start] points
// this process at both, by the variables that Go reads once, at the first request and at the first TLS handshake: so it is
// called in TestMain, before anything else. A host without a route is refused and recorded.
//
//	proxy, err := tlsproxy.Start(dir)
//	cert, err := proxy.Authority.Certificate("cloudkms.googleapis.com")
//	proxy.Route("cloudkms.googleapis.com:443", listener.Addr().String())
package tlsproxy

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A Proxy is a running proxy. Its methods may be called concurrently with connections.
type Proxy struct {
	Authority *Authority // this process and its children trust it alone
	URL       string     // of the proxy: "http://127.0.0.1:41234"

	vars   []string
	server *http.Server
	active sync.WaitGroup

	mu      sync.Mutex
	routes  map[string]string
	opened  map[string]int
	refused map[string]int
	pairs   map[*pair]struct{}
}

// Start starts a proxy without routes and points this process at it. Files that other programs read go into dir. The
// caller calls Close; the process stays pointed at a proxy that is gone.
func Start(dir string) (*Proxy, error) {
	authority, err := NewAuthority()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("tlsproxy: %w", err)
	}
	p := &Proxy{
		Authority: authority,
		URL:       "http://" + listener.Addr().String(),
		routes:    map[string]string{},
		opened:    map[string]int{},
		refused:   map[string]int{},
		pairs:     map[*pair]struct{}{},
	}
	p.server = &http.Server{Handler: http.HandlerFunc(p.connect)}
	if err := p.pointProcess(dir); err != nil {
		listener.Close()
		return nil, err
	}
	p.active.Go(func() { p.server.Serve(listener) }) // ends with Close
	return p, nil
}

// Close breaks all connections and ends the proxy.
func (p *Proxy) Close() error {
	err := p.server.Close()
	p.sever(func(*pair) bool { return true })
	p.active.Wait()
	return err
}

// Route brings connections for host, "HOST:PORT", to the listener at address from now on. The host's first label may be
// "*", which stands for any one label. An empty address takes the route away. Connections that exist stay where they are.
func (p *Proxy) Route(host, address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if address == "" {
		delete(p.routes, host)
		return
	}
	p.routes[host] = address
}

// Connections returns how many connections to host, "HOST:PORT" as the client names it, were opened so far.
func (p *Proxy) Connections(host string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened[host]
}

// Refused returns the hosts without a route that somebody wanted to reach, sorted.
func (p *Proxy) Refused() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.refused))
}

// Sever breaks the connections to host, "HOST:PORT" as the client names it, that are open now.
func (p *Proxy) Sever(host string) { p.sever(func(c *pair) bool { return c.host == host }) }

func (p *Proxy) sever(which func(*pair) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		if which(c) {
			c.sever()
		}
	}
}

// connect serves one CONNECT. Anything else, such as a request for an http address, is refused.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	address := p.routeOf(r)
	if address == "" {
		http.Error(w, "tlsproxy: no route to "+r.Host, http.StatusForbidden)
		return
	}
	server, err := net.Dial("tcp", address)
	if err != nil {
		http.Error(w, "tlsproxy: "+err.Error(), http.StatusBadGateway)
		return
	}
	client, err := answer(w)
	if err != nil {
		server.Close()
		return
	}
	c := &pair{r.Host, client, server}
	p.mu.Lock()
	p.opened[r.Host]++
	p.pairs[c] = struct{}{}
	p.mu.Unlock()
	p.active.Go(func() {
		c.carry()
		p.mu.Lock()
		delete(p.pairs, c)
		p.mu.Unlock()
	})
}

// routeOf returns where a request's host is, "" if it has no route.
func (p *Proxy) routeOf(r *http.Request) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Method == http.MethodConnect {
		_, domain, _ := strings.Cut(r.Host, ".")
		for _, host := range []string{r.Host, "*." + domain} {
			if address, ok := p.routes[host]; ok {
				return address
			}
		}
	}
	p.refused[r.Host]++
	return ""
}

// answer takes a connection out of the HTTP server and tells the client that it may speak.
func answer(w http.ResponseWriter) (net.Conn, error) {
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, err
	}
	if buffered.Reader.Buffered() > 0 {
		client.Close()
		return nil, errors.New("tlsproxy: the client spoke before it was answered")
	}
	if _, err := client.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}
