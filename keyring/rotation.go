package keyring

import "time"

// Rotation says when a key is to be replaced. A key's age counts from its activation.
type Rotation struct {
	// Period is how long a key seals. Zero is for ever.
	Period time.Duration

	// Prepublish is how long before its activation the next key is in the keystore, and its verification keys in the JWKS.
	// Zero is a thirtieth of the period, 24 h of 720 h; a negative one is not at all. It is less than the period.
	Prepublish time.Duration

	// Messages and Bytes are how much a key seals. Zero is what its suite allows, which is also the most.
	Messages uint64
	Bytes    uint64
}
