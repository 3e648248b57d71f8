package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/sealwax/sealwax/internal/jws"
)

// parseClaims parses what was signed. Names are compared to the letter, which encoding/json does not do by itself:
// "EXP" is an extra claim, and not when the token expires.
func parseClaims(payload []byte) (Claims, error) {
	members, err := jws.ParseObject(payload)
	if err != nil {
		return Claims{}, fmt.Errorf("%w: its claims: %w", ErrMalformed, err)
	}
	p := parser{members: members}
	c := Claims{
		Issuer: p.string("iss"), Subject: p.string("sub"), Audience: p.audience(),
		Expiry: p.time("exp"), NotBefore: p.time("nbf"), IssuedAt: p.time("iat"),
		ID: p.string("jti"), Extra: p.extra(),
	}
	for _, name := range []string{"iss", "sub", "aud", "exp"} {
		if _, ok := members[name]; !ok {
			p.fail(name, "is missing")
		}
	}
	return c, p.err
}

// parser takes claims out of an object, and keeps the first error.
type parser struct {
	members map[string]json.RawMessage
	err     error
}

func (p *parser) fail(name, what string) {
	if p.err == nil {
		p.err = fmt.Errorf("%w: %s %s", ErrClaims, name, what)
	}
}

func (p *parser) string(name string) (s string) {
	value, ok := p.members[name]
	if ok && (json.Unmarshal(value, &s) != nil || s == "") {
		p.fail(name, "is no string, or an empty one")
	}
	return s
}

// audience is one name or a list of them.
func (p *parser) audience() (names []string) {
	value, ok := p.members["aud"]
	if !ok {
		return nil
	}
	var one string
	if json.Unmarshal(value, &one) == nil {
		names = []string{one}
	} else if json.Unmarshal(value, &names) != nil {
		names = nil
	}
	if len(names) == 0 || slices.Contains(names, "") {
		p.fail("aud", "is no name and no list of names")
	}
	return names
}

// maxTime is the last second of the year 9999.
const maxTime = 253402300799

// time is a number of seconds, which may have a fraction (RFC 7519, section 2). It is cut off.
func (p *parser) time(name string) time.Time {
	value, ok := p.members[name]
	if !ok {
		return time.Time{}
	}
	seconds, err := strconv.ParseFloat(string(value), 64) // a JSON number and nothing else parses, of what JSON has
	if err != nil || seconds < 0 || seconds > maxTime {
		p.fail(name, "is no time")
		return time.Time{}
	}
	return time.Unix(int64(math.Floor(seconds)), 0).UTC()
}

// extra are the claims without a field of their own, nil if there are none.
func (p *parser) extra() map[string]any {
	var extra map[string]any
	for name, value := range p.members {
		if slices.Contains(registered, name) {
			continue
		}
		d := json.NewDecoder(bytes.NewReader(value))
		d.UseNumber()
		var v any
		_ = d.Decode(&v) // which it was when the object was parsed
		if extra == nil {
			extra = map[string]any{}
		}
		extra[name] = v
	}
	return extra
}
