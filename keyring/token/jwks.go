package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/sealwax/sealwax/internal/jwa"
	"github.com/sealwax/sealwax/internal/jws"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// maxJWKS bounds a document: some thousand keys.
const maxJWKS = 1 << 20

// ParseJWKS parses the set of keys that an issuer publishes (RFC 7517). All of them are taken for active, as the issuer
// leaves out those which are not to be believed any more: fetch it anew as often as its cache headers say.
//
// A key is used if it has an alg of ours, which its other members fit. One that does not, or that is for something else
// than verifying, stays in the set with the reason why it is not used; one without a kid, which no token can name, is left
// out. Neither hides another. A document that is no set of keys, that has a private key or a kid twice is refused.
func ParseJWKS(document []byte) (*KeySet, error) {
	if len(document) > maxJWKS {
		return nil, fmt.Errorf("token: a JWKS of %d bytes: the longest has %d", len(document), maxJWKS)
	}
	members, err := jws.ParseObject(document)
	if err != nil {
		return nil, fmt.Errorf("token: the JWKS: %w", err)
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(members["keys"], &raw); err != nil || raw == nil {
		return nil, errors.New("token: the JWKS has no list of keys")
	}
	keys := make([]keyring.VerificationKey, 0, len(raw))
	for i := range raw {
		k, err := parseJWK(raw[i])
		if err != nil {
			return nil, fmt.Errorf("token: key %d of the JWKS: %w", i+1, err)
		}
		if k.KID != "" {
			keys = append(keys, k)
		}
	}
	return NewKeySet(keys)
}

// parseJWK parses one key, whose kid may be empty. The error is about the document, that of the key is in the key.
func parseJWK(b []byte) (keyring.VerificationKey, error) {
	members, err := jws.ParseObject(b)
	if err != nil {
		return keyring.VerificationKey{}, err
	}
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, ok := members[private]; ok {
			return keyring.VerificationKey{}, errors.New("it is a private key: whoever published it must make another one")
		}
	}
	j := jwk{members: members}
	k := keyring.VerificationKey{KID: j.string("kid"), Algorithm: j.string("alg"), State: keystore.Active}
	if k.Public, k.Err = j.public(k.Algorithm); k.Err != nil {
		k.Public = nil
	}
	return k, nil
}

// jwk are the members of a key.
type jwk struct {
	members map[string]json.RawMessage
	err     error // the first
}

// string returns a member that is a string, "" if it is not there.
func (j *jwk) string(name string) (s string) {
	value, ok := j.members[name]
	if ok && json.Unmarshal(value, &s) != nil {
		j.fail(fmt.Errorf("%q is no string", name))
	}
	return s
}

func (j *jwk) fail(err error) {
	if j.err == nil {
		j.err = err
	}
}

// public returns the key, for the algorithm that it says it is for.
func (j *jwk) public(algorithm string) (crypto.PublicKey, error) {
	if use := j.string("use"); use != "" && use != "sig" {
		return nil, fmt.Errorf("it is for use %.16q, not for signatures", use)
	}
	if err := j.checkOperations(); err != nil {
		return nil, err
	}
	public, err := j.parse(algorithm)
	if err == nil {
		err = j.err
	}
	if err != nil {
		return nil, err
	}
	return public, jwa.Check(algorithm, public)
}

func (j *jwk) checkOperations() error {
	value, ok := j.members["key_ops"]
	if !ok {
		return nil
	}
	var operations []string
	if json.Unmarshal(value, &operations) != nil || !slices.Contains(operations, "verify") {
		return errors.New("its key_ops do not have verify")
	}
	return nil
}

func (j *jwk) parse(algorithm string) (crypto.PublicKey, error) {
	kind := algorithm + " " + j.string("kty") + " " + j.string("crv")
	switch kind {
	case "EdDSA OKP Ed25519":
		return ed25519.PublicKey(j.bytes("x", ed25519.PublicKeySize)), nil
	case "ES256 EC P-256":
		return j.point(j.bytes("x", 32), j.bytes("y", 32))
	case "RS256 RSA ":
		n, e := new(big.Int).SetBytes(j.bytes("n", 0)), new(big.Int).SetBytes(j.bytes("e", 3))
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	}
	return nil, fmt.Errorf("alg, kty and crv are %.64q: no key for %v", kind, jwa.Names)
}

func (j *jwk) point(x, y []byte) (crypto.PublicKey, error) {
	if j.err != nil {
		return nil, j.err
	}
	point, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil, errors.New("it is no point of P-256")
	}
	return point, nil
}

// bytes returns a member that is base64url of so many bytes, or of any number without a zero at the beginning if size is 0.
func (j *jwk) bytes(name string, size int) []byte {
	s := j.string(name)
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || base64.RawURLEncoding.EncodeToString(b) != s || size > 0 && len(b) != size || size == 0 && (len(b) == 0 || b[0] == 0) {
		j.fail(fmt.Errorf("%q is missing or not the base64url of such a number", name))
	}
	return b
}
