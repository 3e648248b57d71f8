package jws

import (
	"crypto"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/sealwax/sealwax/internal/jwa"
)

// MaxSize is the length of the longest token, in bytes: more does not fit into the headers of HTTP, where tokens travel.
const MaxSize = 16 << 10

// Why a signature is refused. The texts are those of package token, which gives them out.
var (
	ErrMalformed = errors.New("token: malformed")
	ErrAlgorithm = errors.New("token: the algorithm is not the one of its key")
	ErrSignature = errors.New("token: the signature does not verify")
)

// Key is what a kid stands for.
type Key struct {
	Algorithm string // one of package jwa
	Public    crypto.PublicKey
}

// Verify returns what compact signs. find returns the key of a kid, or the reason why there is none to be believed,
// which is then the error.
func Verify(compact string, find func(kid string) (Key, error)) ([]byte, error) {
	h, err := check(compact)
	if err != nil {
		return nil, err
	}
	if !jwa.Known(h.alg) {
		return nil, fmt.Errorf("%w: no key is for %.32q", ErrAlgorithm, h.alg)
	}
	key, err := find(h.kid)
	if err != nil {
		return nil, err
	}
	if h.alg != key.Algorithm {
		return nil, fmt.Errorf("%w: the token says %s, and key %s is for %s", ErrAlgorithm, h.alg, h.kid, key.Algorithm)
	}
	return verify(compact, key)
}

// verify is where the signature itself is verified.
func verify(compact string, key Key) ([]byte, error) {
	if err := jwa.Check(key.Algorithm, key.Public); err != nil {
		return nil, fmt.Errorf("%w: the key: %w", ErrSignature, err)
	}
	parsed, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(key.Algorithm)})
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	payload, err := parsed.Verify(key.Public)
	if err != nil {
		return nil, ErrSignature // why would help nobody but a forger
	}
	return payload, nil
}

// check returns the header of compact if all of its three parts are spelled in the one way that there is.
func check(compact string) (header, error) {
	if len(compact) > MaxSize {
		return header{}, fmt.Errorf("%w: %d bytes, and the longest has %d", ErrMalformed, len(compact), MaxSize)
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return header{}, fmt.Errorf("%w: %d parts between dots, and there are 3", ErrMalformed, len(parts))
	}
	first, err := decode(parts[0])
	for _, part := range parts[1:] {
		if _, partErr := decode(part); err == nil {
			err = partErr
		}
	}
	if err != nil {
		return header{}, err
	}
	return parseHeader(first)
}

// strict refuses bits that belong to no byte. It still skips line breaks, as all decoders of encoding/base64 do.
var strict = base64.RawURLEncoding.Strict()

func decode(part string) ([]byte, error) {
	b, err := strict.DecodeString(part)
	if err != nil || strings.ContainsAny(part, "\r\n") {
		return nil, fmt.Errorf("%w: not base64url as it is written, without padding", ErrMalformed)
	}
	return b, nil
}
