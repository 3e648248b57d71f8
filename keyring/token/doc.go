// Package token mints and verifies JSON web tokens (RFC 7519) that say which workload somebody is, signed with the keys of
// a ring.
//
//	minter, err := token.NewMinter(ring.Signer, "https://id.prod.example", nil)
//	text, err := minter.Mint(&token.Claims{Subject: "emea:default:web", Audience: []string{"db"}, Expiry: time.Now().Add(time.Hour)})
//
//	verifier, err := token.NewVerifier(ring, "https://id.prod.example", "db", nil)
//	claims, err := verifier.Verify(text)
//
// # Which key
//
// A token names its key by kid, and a kid stands for one algorithm: EdDSA, ES256 or RS256. What a token says of its
// algorithm must be just that, so "none", HS256 with a public key for its secret, and every other exchange fail before
// a signature is looked at. A verifier takes its keys from a ring, which follows rotations, or from the JWKS of an
// issuer ([ParseJWKS]).
//
// Believed are: the active key; a prepublished one once its planned activation has come, since whoever activated it may
// be ahead of this ring; a retired one until the last token that it may have signed has expired. A key that is marked
// compromised is not believed from that moment on, whatever its tokens say.
//
// # What is refused
//
// A token has one spelling. Base64 with padding, spaces or stray bits, names that are there twice, headers with
// anything but alg, kid and typ, tokens in tokens, and more than 16 KiB are malformed. Each reason is an error of its
// own, see ErrMalformed and what stands beside it; a claim is looked at only after the signature has been verified.
//
// # Not for
//
// Sessions, secrets and revocation: a token can be read by everybody, and is good until it expires. Give it minutes or
// hours.
package token
