package awsserver

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/json"
	"strings"
)

// A blob is
//
//	length of the ARN (1 byte) || ARN of the key || version (4 bytes) || nonce (12 bytes), ciphertext, tag (16 bytes)
//
// where everything before the nonce, and the encryption context, is associated data. What KMS's own blobs look like inside
// is not published.
type blob struct {
	header  []byte
	arn     string
	version uint32
	sealed  []byte
}

func parseBlob(b []byte) (*blob, bool) {
	if len(b) < 1 || len(b) < 1+int(b[0])+4+12+16 {
		return nil, false
	}
	end := 1 + int(b[0])
	return &blob{b[:end+4], string(b[1:end]), binary.BigEndian.Uint32(b[end:]), b[end+4:]}, true
}

func (k *key) seal(plaintext []byte, context map[string]string) []byte {
	version := len(*k.material) - 1
	header := append([]byte{byte(len(k.arn()))}, k.arn()...)
	header = binary.BigEndian.AppendUint32(header, uint32(version))
	return k.aead(version).Seal(header, nil, plaintext, bound(header, context))
}

func (k *key) open(b *blob, context map[string]string) ([]byte, bool) {
	if int64(b.version) >= int64(len(*k.material)) {
		return nil, false
	}
	plaintext, err := k.aead(int(b.version)).Open(nil, nil, b.sealed, bound(b.header, context))
	return plaintext, err == nil
}

// made reports whether a blob with this ARN is of this key, or of a replica.
func (k *key) made(of string) bool {
	return of == k.arn() || k.multiRegion() && strings.HasSuffix(of, ":"+k.account+":key/"+k.id)
}

func (k *key) aead(version int) cipher.AEAD {
	block, err := aes.NewCipher((*k.material)[version])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}

// bound is the associated data: encoding/json sorts a map's keys.
func bound(header []byte, context map[string]string) []byte {
	b, err := json.Marshal(context)
	if err != nil {
		panic(err) // a map of strings
	}
	if len(context) == 0 {
		b = nil // none given, and an empty one, are the same
	}
	return append(append([]byte(nil), header...), b...)
}
