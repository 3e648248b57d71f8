package tlsproxy

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

var proxy *Proxy

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "tlsproxy-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if proxy, err = Start(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := proxy.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// serve starts a server with this certificate that greets.
func serve(t *testing.T, cert tls.Certificate, err error) *httptest.Server {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "hello from "+r.Host)
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what a test wants
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, url string) (string, error) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

func wantGreeting(t *testing.T, host string) {
	t.Helper()
	if body, err := get(t, "https://"+host+"/"); err != nil || body != "hello from "+host {
		t.Fatalf("https://%s: got %q, %v", host, body, err)
	}
}

func TestRoutes(t *testing.T) {
	cert, err := proxy.Authority.Certificate("kms.example.test", "*.vault.example.test")
	address := serve(t, cert, err).Listener.Addr().String()
	proxy.Route("kms.example.test:443", address)
	proxy.Route("*.vault.example.test:443", address)
	wantGreeting(t, "kms.example.test")
	wantGreeting(t, "one.vault.example.test")
	if n := proxy.Connections("one.vault.example.test:443"); n != 1 {
		t.Errorf("connections behind the wildcard: got %d, want 1", n)
	}

	for _, url := range []string{"https://a.one.vault.example.test/", "https://example.test/", "https://kms.example.test:8443/"} {
		if _, err := get(t, url); err == nil || !strings.Contains(err.Error(), "Forbidden") {
			t.Errorf("%s: got %v, want it refused", url, err)
		}
	}
	if body, err := get(t, "http://kms.example.test/"); err != nil || !strings.Contains(body, "no route to kms.example.test") {
		t.Errorf("an http address: got %q, %v; want it refused", body, err)
	}
	if got := proxy.Refused(); !slices.Contains(got, "kms.example.test:8443") || !slices.Contains(got, "example.test:443") {
		t.Errorf("refused: got %v", got)
	}

	proxy.Route("kms.example.test:443", "")
	http.DefaultClient.CloseIdleConnections()
	if _, err := get(t, "https://kms.example.test/"); err == nil || !strings.Contains(err.Error(), "Forbidden") {
		t.Errorf("a route that was taken away: got %v", err)
	}
}

func TestConnectionsAndSever(t *testing.T) {
	const host = "reused.example.test"
	cert, err := proxy.Authority.Certificate(host)
	proxy.Route(host+":443", serve(t, cert, err).Listener.Addr().String())
	for range 3 {
		wantGreeting(t, host)
	}
	if n := proxy.Connections(host + ":443"); n != 1 {
		t.Errorf("3 requests opened %d connections, want 1", n)
	}
	proxy.Sever(host + ":443")
	// The client may see the break at its next request, which it then repeats on a new connection.
	wantGreeting(t, host)
	if n := proxy.Connections(host + ":443"); n != 2 {
		t.Errorf("after Sever: %d connections, want 2", n)
	}
}

func TestCertificatesThatAreRefused(t *testing.T) {
	stranger, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	const host = "refused.example.test"
	for _, c := range []struct {
		name string
		make func() (tls.Certificate, error)
		want string
	}{
		{"other authority", func() (tls.Certificate, error) { return stranger.Certificate(host) }, "unknown authority"},
		{"other host", func() (tls.Certificate, error) { return proxy.Authority.Certificate("example.test") }, "not " + host},
		{"expired", func() (tls.Certificate, error) { return proxy.Authority.CertificateFor(-time.Hour, host) }, "expired"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cert, err := c.make()
			proxy.Route(host+":443", serve(t, cert, err).Listener.Addr().String())
			_, err = get(t, "https://"+host+"/")
			if wrong := new(tls.CertificateVerificationError); !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestNobodyListensBehindARoute(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	address := s.Listener.Addr().String()
	s.Close()
	proxy.Route("gone.example.test:443", address)
	if _, err := get(t, "https://gone.example.test/"); err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
		t.Errorf("got %v, want Bad Gateway", err)
	}
}

// A child gets to the same servers, and nowhere else whatever the environment said before.
func TestChildProcess(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("no curl on this machine")
	}
	const host = "child.example.test"
	cert, err := proxy.Authority.Certificate(host)
	proxy.Route(host+":443", serve(t, cert, err).Listener.Addr().String())
	cmd := exec.Command(curl, "-sS", "--max-time", "10", "https://"+host+"/")
	cmd.Env = proxy.Environ([]string{"PATH=" + os.Getenv("PATH"), "no_proxy=" + host, "HTTPS_PROXY=http://127.0.0.1:1"})
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "hello from "+host {
		t.Errorf("curl: got %q, %v", out, err)
	}
	if got := proxy.Environ(nil); !slices.Contains(got, "SSL_CERT_FILE="+proxy.AuthorityFile()) || !slices.Contains(got, "PATH="+os.Getenv("PATH")) {
		t.Errorf("the environment of a child: got %v", got)
	}
}
