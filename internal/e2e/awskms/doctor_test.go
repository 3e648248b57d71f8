package awskms

import (
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
)

const doctorBlock = `
keyring "awskms" {
  name                  = "eu"
  region                = "eu-central-1"
  kms_key_id            = "alias/app"
  endpoint              = "$ENDPOINT"
  shared_creds_filename = "$FILE"
}
`

func TestDoctor(t *testing.T) {
	f := newFake(t)
	d := kektest.NewDoctor(t, keyringBinary, strings.NewReplacer("$ENDPOINT", f.URL, "$FILE", f.file).Replace(doctorBlock),
		f.used.SecretAccessKey, f.used.SessionToken)
	d.Finds(t, 0,
		"awskms.eu files ok "+f.file+" 0600",
		"awskms.eu key-state ok enabled", "awskms.eu rotation note off", "awskms.eu right ok kms:DescribeKey allowed",
		"awskms.eu encrypt ok allowed", "awskms.eu decrypt ok allowed", "awskms.eu stanza ok opens the keystore, in ",
		"awskms.eu loss warning without it, nothing opens the keystore")

	t.Run("may not describe", func(t *testing.T) {
		defer f.Restore()
		f.Deny("DescribeKey")
		d.Finds(t, 0, "awskms.eu right note kms:DescribeKey not allowed", "awskms.eu decrypt ok allowed")
	})
	t.Run("may not decrypt", func(t *testing.T) {
		defer f.Restore()
		f.Deny("Decrypt")
		d.Finds(t, 4, "awskms.eu encrypt ok allowed", "awskms.eu decrypt problem does not give back what it wrapped",
			"awskms.eu stanza problem does not open the keystore", "keystore opens problem not with the KEKs of this config")
	})
	t.Run("disabled", func(t *testing.T) {
		f.Disable(f.app)
		d.Finds(t, 4, "awskms.eu key-state problem disabled", " next: enable the key at the provider")
	})
	t.Run("pending deletion", func(t *testing.T) {
		f.Delete(f.app)
		d.Finds(t, 3, "awskms.eu key-state problem pending deletion (PendingDeletion, gone on ", " next: cancel the deletion at the provider")
	})
}

// The policies in the provider's documentation let through what a keyring asks for and nothing else, so what doctor asks for
// has to be like it.
func TestDocumentedPolicy(t *testing.T) {
	f := newFake(t)
	f.Restrict()
	d := kektest.NewDoctor(t, keyringBinary, strings.NewReplacer("$ENDPOINT", f.URL, "$FILE", f.file).Replace(doctorBlock))
	well := []string{"awskms.eu encrypt ok allowed", "awskms.eu decrypt ok allowed", "awskms.eu stanza ok opens the keystore, in "}
	d.Finds(t, 0, well...)
	f.RestrictToKeystore()
	d.Finds(t, 0, well...)

	_, err := newKEK(t, f.config()).Wrap(t.Context(), root, []byte("another program's"))
	wantError(t, err, wrappers.Ask, "not authorized to perform: kms:Encrypt", "allow kms:Encrypt on alias/app")
	_, err = newKEK(t, f.config()).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "not authorized to perform: kms:Encrypt") // it is another keystore's
}
