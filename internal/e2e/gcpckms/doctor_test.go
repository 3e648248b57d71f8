package gcpckms

import (
	"net"
	"strings"
	"testing"

	"cloud.google.com/go/kms/apiv1/kmspb"

	"github.com/sealwax/sealwax/internal/e2e/gcpserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

const doctorBlock = `
keyring "gcpckms" {
  name        = "eu"
  credentials = "$FILE"
  project     = "sealwax-test"
  region      = "europe-west1"
  key_ring    = "sealwax"
  crypto_key  = "app"
}
`

func TestDoctor(t *testing.T) {
	s := start(t)
	d := kektest.NewDoctor(t, keyringBinary, strings.ReplaceAll(doctorBlock, "$FILE", s.account.File), "PRIVATE KEY")
	d.Finds(t, 0,
		"gcpckms.eu dns note cloudkms.googleapis.com is looked up by the proxy 127.0.0.1:",
		"gcpckms.eu tls ", "gcpckms.eu credentials ok ",
		"gcpckms.eu key-state ok enabled (primary version 1 ENABLED)", "gcpckms.eu rotation note off, newest version 1",
		"gcpckms.eu right ok cloudkms.cryptoKeyVersions.useToEncrypt allowed", "gcpckms.eu right ok cloudkms.cryptoKeys.get allowed",
		"gcpckms.eu encrypt ok allowed", "gcpckms.eu decrypt ok allowed", "gcpckms.eu stanza ok opens the keystore, in ")

	s.Rotate(t, key)
	d.Finds(t, 0, "gcpckms.eu version note made under version 1, and the newest is 2")

	s.Revoke("cloudkms.cryptoKeyVersions.useToEncrypt")
	d.Finds(t, 0, "gcpckms.eu right note cloudkms.cryptoKeyVersions.useToEncrypt not allowed", "gcpckms.eu encrypt warning does not wrap",
		"gcpckms.eu stanza ok opens the keystore")
	s.Restore()

	// The newest version cannot wrap any more; the stanza's own can still unwrap.
	s.SetState(key, 2, kmspb.CryptoKeyVersion_DISABLED)
	d.Finds(t, 4, "gcpckms.eu key-state problem disabled (primary version 2 DISABLED)", "gcpckms.eu decrypt ok allowed")
	s.SetState(key, 2, kmspb.CryptoKeyVersion_ENABLED)
	t.Run("no such host", func(t *testing.T) { // gRPC does not pass on what the resolver said
		if _, err := net.DefaultResolver.LookupHost(t.Context(), gcpserver.Host); err == nil {
			t.Skip("the name is known here, and nobody is to be called")
		}
		t.Setenv("NO_PROXY", gcpserver.Host)
		d.Finds(t, 4, "gcpckms.eu dns problem "+gcpserver.Host+" has no address")
	})
	s.SetState(key, 2, kmspb.CryptoKeyVersion_DESTROY_SCHEDULED)
	d.Finds(t, 3, "gcpckms.eu key-state problem pending deletion (primary version 2 DESTROY_SCHEDULED")
}
