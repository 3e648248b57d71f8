package hpke

import (
	"crypto/hpke"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

const (
	recipientPrefix = "sealwax-recipient-1-"
	publicSize      = 1216 // ML-KEM-768 encapsulation key 1184, X25519 public key 32
)

// A Recipient is the public half of a recovery key: what a config names. It is not secret. It is immutable.
type Recipient struct {
	public hpke.PublicKey
	text   string
}

// ParseRecipient parses what [Recipient.String] returned. There is one spelling: no spaces, no upper case, nothing
// before or after. The text has 1972 characters.
func ParseRecipient(text string) (*Recipient, error) {
	raw, err := parseText(recipientPrefix, []byte(text), publicSize)
	if err != nil {
		return nil, fmt.Errorf("hpke: parse recipient: %w", err)
	}
	public, err := hpke.MLKEM768X25519().NewPublicKey(raw)
	if err != nil {
		return nil, fmt.Errorf("hpke: parse recipient: not a public key: %w", err)
	}
	return &Recipient{public, text}, nil
}

func newRecipient(public hpke.PublicKey) *Recipient {
	return &Recipient{public, string(appendText(nil, recipientPrefix, public.Bytes()))}
}

// String returns the text for the config.
func (r *Recipient) String() string { return r.text }

// Fingerprint returns 32 hexadecimal digits that stand for the recipient in keystores and reports: the first 16 bytes of
// the SHA-256 digest of its text.
func (r *Recipient) Fingerprint() string {
	digest := sha256.Sum256([]byte(r.text))
	return hex.EncodeToString(digest[:16])
}
