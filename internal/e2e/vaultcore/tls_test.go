package vaultcore_test

import (
	"strings"
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

func TestTLS(t *testing.T) {
	s := newSite(t)
	w := wrap(t, s.kek(t)) // under the authority of the config

	c := s.config()
	c.TLSCACert = ""
	_, err := newKEK(t, c).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "certificate signed by unknown authority", "set tls_ca_cert to the authority that signed Vault's certificate")

	c = s.config()
	c.Address = strings.Replace(s.URL, "localhost", "127.0.0.1", 1)
	_, err = newKEK(t, c).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "127.0.0.1", "set tls_server_name to a name that Vault's certificate has")
	c.TLSServerName = "localhost"
	wantOpen(t, newKEK(t, c), w) // as the same Vault under another address
}
