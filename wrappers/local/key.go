package local

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/secret"
)

// The text of a key says what it is, so that 32 characters of something else are never taken for one, and so that
// programs that look for secrets in the wrong place can find it.
const textPrefix = "sealwax-kek-v1:"

// Labels of what is derived from the key. Never reused.
const (
	labelWrap = "sealwax/v1 local wrap"
	labelID   = "sealwax/v1 local key id"
)

var errText = errors.New("not a key: want one line, " + textPrefix + " and 32 bytes in base64")

// keys are what a key is used for.
type keys struct {
	id   string
	aead *aead.AEAD
}

func derive(key []byte) (*keys, error) {
	if len(key) != aead.KeySize {
		return nil, fmt.Errorf("key of %d bytes, want %d", len(key), aead.KeySize)
	}
	wrap, err := hkdf.Key(sha256.New, key, nil, labelWrap, aead.KeySize)
	if err != nil {
		return nil, err
	}
	defer clear(wrap)
	id, err := hkdf.Key(sha256.New, key, nil, labelID, 8)
	if err != nil {
		return nil, err
	}
	a, err := aead.New(aead.XAES256GCM, wrap, nil)
	if err != nil {
		return nil, err
	}
	return &keys{id: "kek-" + hex.EncodeToString(id), aead: a}, nil
}

// load reads a key's text and derives its keys. The text and the key are cleared.
func load(read func() (secret.Bytes, error)) (*keys, error) {
	text, err := read()
	if err != nil {
		return nil, err
	}
	defer text.Clear()
	key, err := decode(text.Expose())
	if err != nil {
		return nil, err
	}
	defer key.Clear()
	return derive(key.Expose())
}

// decode takes the one spelling that encode has.
func decode(text []byte) (secret.Bytes, error) {
	key := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	if len(text) != len(textPrefix)+base64.StdEncoding.EncodedLen(aead.KeySize) || string(text[:len(textPrefix)]) != textPrefix {
		return secret.Bytes{}, errText
	}
	// DecodedLen counts the padding; the decoder itself accepts line breaks, which the number of bytes then shows.
	n, err := base64.StdEncoding.Strict().Decode(key, text[len(textPrefix):])
	if err != nil || n != aead.KeySize {
		clear(key)
		return secret.Bytes{}, errText
	}
	return secret.New(key[:n]), nil
}

func encode(key []byte) secret.Bytes {
	text := make([]byte, 0, len(textPrefix)+base64.StdEncoding.EncodedLen(len(key))+1)
	text = base64.StdEncoding.AppendEncode(append(text, textPrefix...), key)
	return secret.New(append(text, '\n'))
}

// GenerateKeyFile makes a new random key and writes it to a new file with mode 0600. It returns when the file is
// durable, and never touches one that exists: the error is then os.ErrExist, since another key in its place would close
// every keystore that it opens.
func GenerateKeyFile(path string) error {
	key := make([]byte, aead.KeySize)
	rand.Read(key) // never fails
	defer clear(key)
	text := encode(key)
	defer text.Clear()
	if err := durable.CreateFile(path, text.Expose(), 0o600); err != nil {
		return fmt.Errorf("local: make key file: %w", err)
	}
	return nil
}
