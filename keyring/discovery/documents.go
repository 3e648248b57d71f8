package discovery

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// Documents are what is published of some keys at some time: each one line of JSON. The bytes are not to be changed.
type Documents struct {
	JWKS    []byte // a set without keys if there are none
	OpenID  []byte // nil without an issuer
	Keys    int    // in the set
	Damaged []Damaged
	Until   time.Time // when a retired key leaves; zero if time alone changes nothing
}

// Damaged is a key that belongs into the set and is left out.
type Damaged struct {
	Key keystore.ID
	KID string
	Err error
}

var errSameKID = errors.New("another key of the keystore has the same kid")

// NewDocuments makes the documents of keys, for the time of Options.Clock. It reads nothing and calls nobody.
func NewDocuments(keys []keyring.VerificationKey, o *Options) (*Documents, error) {
	v, err := o.complete()
	if err != nil {
		return nil, err
	}
	return v.documents(keys), nil
}

func (o *Options) documents(keys []keyring.VerificationKey) *Documents {
	in, until := o.selected(keys, o.Clock())
	set, damaged := setOf(in)
	d := &Documents{JWKS: line(set), Keys: len(set.Keys), Damaged: damaged, Until: until}
	if o.Issuer != "" {
		d.OpenID = line(configuration(o.Issuer, set))
	}
	return d
}

// jwks is a JSON Web Key Set.
type jwks struct {
	Keys []jwk `json:"keys"`
}

// setOf spells the keys. What cannot be spelled is left out, since the others verify without it. Of two keys with one kid
// the first stays: a verifier could not tell which is meant.
func setOf(keys []keyring.VerificationKey) (jwks, []Damaged) {
	set, damaged, taken := jwks{Keys: []jwk{}}, []Damaged(nil), make(map[string]bool)
	for i := range keys {
		k := &keys[i]
		j, err := jwkOf(k)
		if err == nil && taken[k.KID] {
			err = errSameKID
		}
		if err != nil {
			damaged = append(damaged, Damaged{k.Key, k.KID, err})
			continue
		}
		taken[k.KID] = true
		set.Keys = append(set.Keys, j)
	}
	return set, damaged
}

// openID is the discovery document. Its members beside issuer and jwks_uri are those that verifiers of workload
// identities ask for; there is no endpoint to log in at, and none is named.
type openID struct {
	Issuer        string   `json:"issuer"`
	JWKSURI       string   `json:"jwks_uri"`
	ResponseTypes []string `json:"response_types_supported"`
	SubjectTypes  []string `json:"subject_types_supported"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	Claims        []string `json:"claims_supported"`
}

func configuration(issuer string, set jwks) openID {
	algorithms := []string{}
	for _, k := range set.Keys {
		algorithms = append(algorithms, k.Alg)
	}
	slices.Sort(algorithms)
	return openID{
		Issuer:        issuer,
		JWKSURI:       below(issuer, jwksPath),
		ResponseTypes: []string{"id_token"},
		SubjectTypes:  []string{"public"},
		Algorithms:    slices.Compact(algorithms),
		Claims:        []string{"aud", "exp", "iat", "iss", "jti", "nbf", "sub"},
	}
}

// line returns v as one line of JSON.
func line(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("discovery: " + err.Error()) // strings and lists of them
	}
	return append(b, '\n')
}
