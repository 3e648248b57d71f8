package transit

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
)

// door stands before a Vault, at an address that stays. While it is closed, nobody listens there.
type door struct {
	vault   *vaultserver.Server
	address string
	server  *http.Server
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{vault: start(t), address: freeAddress(t)}
	d.open(t)
	t.Cleanup(d.close)
	return d
}

func (d *door) url() string { return "http://" + d.address }

func (d *door) open(t *testing.T) {
	t.Helper()
	behind, err := url.Parse(d.vault.URL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", d.address)
	if err != nil {
		t.Fatal(err)
	}
	d.server = &http.Server{Handler: httputil.NewSingleHostReverseProxy(behind)}
	go d.server.Serve(l)
}

func (d *door) close() { d.server.Close() }

// lines is what a command has written so far.
type lines struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes.String()
}
