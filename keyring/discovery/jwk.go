package discovery

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"math/big"

	"github.com/sealwax/sealwax/internal/jwa"
	"github.com/sealwax/sealwax/keyring"
)

// jwk is a public key as RFC 7517 spells it. It has no field for a private member: none can ever get out. Alg is always
// there, so that a verifier need not believe a token's header about it.
type jwk struct {
	KTY string `json:"kty"`
	Use string `json:"use"`
	Alg string `json:"alg"`
	KID string `json:"kid"`
	CRV string `json:"crv,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
	N   string `json:"n,omitempty"`
	E   string `json:"e,omitempty"`
}

// jwkOf spells k. A key of another kind than its algorithm says is refused, whoever made it.
func jwkOf(k *keyring.VerificationKey) (jwk, error) {
	if k.Err != nil {
		return jwk{}, k.Err
	}
	if err := jwa.Check(k.Algorithm, k.Public); err != nil {
		return jwk{}, err
	}
	j := jwk{Use: "sig", Alg: k.Algorithm, KID: k.KID}
	switch public := k.Public.(type) {
	case ed25519.PublicKey:
		j.KTY, j.CRV, j.X = "OKP", "Ed25519", encode(public)
	case *ecdsa.PublicKey:
		point, err := public.Bytes() // 4, x, y
		if err != nil {
			return jwk{}, errors.New("it is no point of P-256")
		}
		j.KTY, j.CRV, j.X, j.Y = "EC", "P-256", encode(point[1:33]), encode(point[33:])
	case *rsa.PublicKey:
		j.KTY, j.N, j.E = "RSA", encode(public.N.Bytes()), encode(big.NewInt(int64(public.E)).Bytes())
	}
	return j, nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
