// Package discovery publishes the verification keys of a keyring, so that anybody can verify the tokens that it signs:
// as a JSON Web Key Set (RFC 7517, with RFC 8037 for Ed25519), and as the OpenID Connect discovery document that leads
// to it, which is what clouds ask for when they are to trust a cluster's workload identities.
//
//	publisher, err := discovery.New(ring, &discovery.Options{Issuer: "https://id.example.com"})
//	http.Handle("/.well-known/", publisher)
//
// # What is in the set
//
//	prepublished  yes: verifiers know it before it signs
//	active        yes
//	retired       until the last token that it may have signed has expired; not at all if it never was active
//	compromised   never, from the moment of the mark
//	destroyed     never
//	damaged       no: it is left out, and reported
//
// The active key comes first, then the prepublished ones, then the retired ones, the latest first: a verifier that
// takes the first key, against the rules, is wrong as rarely as can be. Keys say what they are for ("use", "alg"), so
// that none can be taken for one of another algorithm. The bytes are the same in every process that has the same keys.
//
// # How long a set may be kept
//
// The Cache-Control header promises no more than that no other key signs before the copy has expired; why that holds is
// in maxage.go. So a verifier that honours it never meets an unknown key, with these exceptions: 'keyring rotate',
// which does not wait for verifiers; a key that people prepublish for less than the lead of automatic rotation (a 200th
// of the period, or Rotation.Prepublish if that is shorter; 5 min without a period); and an active key that is marked
// compromised, is unusable, or has sealed all that it may. Verifiers that fetch the set anew when a token names a key
// that they do not know, at most once in half a minute, come over those too. One that keeps the set for a time of its
// own must keep it for less than that lead.
//
// The header says what a verifier may keep, and can take nothing back: a key that is marked compromised leaves the set
// at once, and the copies when they expire. There is no leave to use one that has (must-revalidate): otherwise who can
// keep the publisher from answering could keep a compromised key alive.
//
// # When the ring cannot read its store
//
// It goes on serving what it knows: the keys of tokens that were signed before. With the age of what it knows the time for
// which it may be kept shrinks, and ends at zero, since it can no longer be excluded that another process has a new key.
// [keyring.Ring.Refreshed] is for monitoring.
package discovery
