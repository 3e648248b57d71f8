package tlsproxy

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// proxyVariables point programs at the proxy, in both spellings that are in use.
var proxyVariables = []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"}

// noProxyVariables would let a host go past it.
var noProxyVariables = []string{"NO_PROXY", "no_proxy"}

// authorityVariables name the file of the authorities to trust: Go and OpenSSL, Node.js, gRPC's C core, Python's requests,
// curl, gcloud, the AWS SDKs.
var authorityVariables = []string{
	"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
	"CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", "AWS_CA_BUNDLE",
}

// pointProcess sets this process's variables, and keeps them for its children.
func (p *Proxy) pointProcess(dir string) error {
	file, empty := filepath.Join(dir, "authority.pem"), filepath.Join(dir, "no-authorities")
	if err := os.WriteFile(file, p.Authority.PEM(), 0o600); err != nil {
		return fmt.Errorf("tlsproxy: %w", err)
	}
	if err := os.MkdirAll(empty, 0o700); err != nil {
		return fmt.Errorf("tlsproxy: %w", err)
	}
	values := map[string]string{"SSL_CERT_DIR": empty} // Go adds what is there to SSL_CERT_FILE
	for _, name := range authorityVariables {
		values[name] = file
	}
	for _, name := range proxyVariables {
		values[name] = p.URL
	}
	for _, name := range noProxyVariables {
		values[name] = ""
	}
	for name, value := range values {
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("tlsproxy: %w", err)
		}
		p.vars = append(p.vars, name+"="+value)
	}
	slices.Sort(p.vars)
	return nil
}

// AuthorityFile returns the file with the authority that everything here trusts.
func (p *Proxy) AuthorityFile() string { return os.Getenv("SSL_CERT_FILE") }

// Environ returns the environment for a child process: base, which is os.Environ() if it is nil, with the variables that
// bring the child to the proxy and make it trust the authority.
func (p *Proxy) Environ(base []string) []string {
	if base == nil {
		base = os.Environ()
	}
	own := map[string]bool{}
	for _, v := range p.vars {
		own[name(v)] = true
	}
	kept := slices.DeleteFunc(slices.Clone(base), func(v string) bool { return own[name(v)] })
	return append(kept, p.vars...)
}

func name(variable string) string {
	before, _, _ := strings.Cut(variable, "=")
	return before
}
