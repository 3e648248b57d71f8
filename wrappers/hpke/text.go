package hpke

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
)

// A key as text is
//
//	prefix base32(key || first 4 bytes of SHA-256(prefix || key))
//
// with the prefix naming kind and version. Base32 in lower case without padding: no two letters that look alike on paper,
// and a double click selects the key. The checksum is against slips of hand and cut lines, not against forgers.
var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

const checksumSize = 4

func appendText(dst []byte, prefix string, key []byte) []byte {
	raw := checksum(append([]byte(nil), key...), prefix, key)
	defer clear(raw)
	return encoding.AppendEncode(append(dst, prefix...), raw)
}

func checksum(dst []byte, prefix string, key []byte) []byte {
	h := sha256.New()
	h.Write([]byte(prefix))
	h.Write(key)
	var sum [sha256.Size]byte
	return append(dst, h.Sum(sum[:0])[:checksumSize]...)
}

// parseText returns the key of size bytes that appendText wrote. Its errors never quote text, which may be secret.
func parseText(prefix string, text []byte, size int) ([]byte, error) {
	body, ok := bytes.CutPrefix(text, []byte(prefix))
	if !ok {
		return nil, wrongPrefix(prefix, text)
	}
	if want := encoding.EncodedLen(size + checksumSize); len(body) != want {
		return nil, fmt.Errorf("%d characters follow %s, want %d: was it cut?", len(body), prefix, want)
	}
	raw := make([]byte, size+checksumSize)
	if _, err := encoding.Decode(raw, body); err != nil {
		clear(raw)
		return nil, fmt.Errorf("a character that is not one of a-z and 2-7 follows %s", prefix)
	}
	key := raw[:size:size]
	// Encoding again catches the checksum and the spare bits of the last character in one comparison.
	again := appendText(nil, prefix, key)
	defer clear(again)
	if !bytes.Equal(again, text) {
		clear(raw)
		return nil, errors.New("checksum does not match: a character is wrong")
	}
	return key, nil
}

func wrongPrefix(want string, text []byte) error {
	for prefix, kind := range map[string]string{
		recipientPrefix: "the recipient, which is public, and not the recovery key",
		recoveryPrefix:  "the recovery key, which must stay secret, and not its recipient",
	} {
		if bytes.HasPrefix(text, []byte(prefix)) {
			return fmt.Errorf("this is %s: want text that begins with %s", kind, want)
		}
	}
	return fmt.Errorf("want text that begins with %s", want)
}
