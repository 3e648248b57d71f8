package awskms

import (
	"encoding/base64"
	"regexp"
)

// The encryption context is what KMS binds a blob to, writes into CloudTrail, and lets policies ask for: pairs of text. What
// a keyring binds a root to,
//
//	sealwax/v1 keystore=KEYSTORE root=ROOT
//
// becomes two pairs that an operator can type and a policy can name:
//
//	sealwax-keystore=KEYSTORE,sealwax-root=ROOT
//
// Whatever else the associated data may be becomes one pair, its base64. No two are the same pairs: the names tell the
// forms apart, and each form can be read back. None, for no associated data, is no pair.
const (
	contextKeystore = "sealwax-keystore"
	contextRoot     = "sealwax-root"
	contextOther    = "sealwax-context"
)

const uuidForm = `([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})`

var aadForm = regexp.MustCompile(`^sealwax/v1 keystore=` + uuidForm + ` root=` + uuidForm + `$`)

func encryptionContext(aad []byte) map[string]*string {
	if len(aad) == 0 {
		return nil
	}
	if ids := aadForm.FindSubmatch(aad); ids != nil {
		keystore, root := string(ids[1]), string(ids[2])
		return map[string]*string{contextKeystore: &keystore, contextRoot: &root}
	}
	other := base64.StdEncoding.EncodeToString(aad)
	return map[string]*string{contextOther: &other}
}
