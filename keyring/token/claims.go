package token

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Claims are what a token says. Times are whole seconds; a fraction is cut off.
type Claims struct {
	Issuer   string   // iss: whose tokens these are; when minting, the minter's or empty
	Subject  string   // sub: who the workload is
	Audience []string // aud: for whom the token is; a verifier must be one of them

	Expiry    time.Time // exp: the token is good before it
	NotBefore time.Time // nbf: and from then on; when minting, the zero time is that of IssuedAt
	IssuedAt  time.Time // iat: when minting, the zero time is now

	ID string // jti: differs from token to token; when minting, an empty one is made, of 128 random bits

	// Extra are all other claims, by name. To be minted they are whatever encoding/json encodes. Those of a verified
	// token are as it decodes them, with numbers as json.Number.
	Extra map[string]any
}

// registered are the claims that have a field of their own.
var registered = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}

// complete returns a copy of c without unset fields but ID, and refuses what no verifier could accept.
func (c *Claims) complete(issuer string, lifetime time.Duration, now time.Time) (Claims, error) {
	v := *c
	v.Issuer = issuer
	if v.IssuedAt.IsZero() {
		v.IssuedAt = now
	}
	if v.NotBefore.IsZero() {
		v.NotBefore = v.IssuedAt
	}
	switch {
	case c.Issuer != "" && c.Issuer != issuer:
		return v, fmt.Errorf("the issuer is %q, and this minter is that of %q", c.Issuer, issuer)
	case v.Subject == "":
		return v, errors.New("no subject")
	case len(v.Audience) == 0 || slices.Contains(v.Audience, ""):
		return v, errors.New("no audience, or an empty one: a token is for somebody")
	case v.Expiry.IsZero():
		return v, errors.New("no expiry")
	case v.Expiry.Unix() <= max(now.Unix(), v.NotBefore.Unix()):
		return v, fmt.Errorf("it would expire on %s, before it is good", v.Expiry.UTC().Format(time.RFC3339))
	case v.Expiry.Sub(now) > lifetime:
		return v, fmt.Errorf("it would live for %s, and the longest token lives for %s", v.Expiry.Sub(now).Round(time.Second), lifetime)
	case v.IssuedAt.After(now):
		return v, errors.New("it would be issued in the future")
	case v.IssuedAt.Unix() < 0 || v.NotBefore.Unix() < 0:
		return v, errors.New("a time before 1970")
	}
	for name := range v.Extra {
		if name == "" || slices.Contains(registered, name) {
			return v, fmt.Errorf("an extra claim cannot have the name %q", name)
		}
	}
	return v, nil
}
