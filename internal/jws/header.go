package jws

import (
	"encoding/json"
	"fmt"
	"strings"
)

type header struct{ alg, kid string }

// parseHeader refuses every member that it does not know. Those which RFC 7515 has beside these bring a key of their
// own along (jwk, jku, x5u, x5c), change what is signed (b64) or demand to be understood (crit); others do not occur in
// our tokens.
func parseHeader(b []byte) (h header, err error) {
	members, err := ParseObject(b)
	if err != nil {
		return header{}, fmt.Errorf("%w: its header: %w", ErrMalformed, err)
	}
	var typ string
	known := map[string]*string{"alg": &h.alg, "kid": &h.kid, "typ": &typ}
	for name, value := range members {
		to := known[name]
		if to == nil {
			return header{}, fmt.Errorf("%w: its header has %.32q, and verifiers know alg, kid and typ", ErrMalformed, name)
		}
		if json.Unmarshal(value, to) != nil || *to == "" {
			return header{}, fmt.Errorf("%w: %q in its header is no string, or an empty one", ErrMalformed, name)
		}
	}
	switch {
	case h.alg == "":
		return header{}, fmt.Errorf("%w: its header has no alg", ErrMalformed)
	case h.kid == "":
		return header{}, fmt.Errorf("%w: its header has no kid, so that nobody can tell its key", ErrMalformed)
	case typ != "" && !strings.EqualFold(typ, "JWT"):
		return header{}, fmt.Errorf("%w: it is of type %.32q, not JWT", ErrMalformed, typ)
	}
	return h, nil
}
