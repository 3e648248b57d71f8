package keystore

import (
	"crypto/ed25519"
	"time"
)

// Contents is what one generation of a keystore says. It holds no unwrapped key: everything secret in it is sealed or
// wrapped. [Parse] makes one from the bytes of a file, [Append] makes the bytes.
//
// A Contents from Parse owns its slices. It is plain data: safe to read concurrently, not to change. To write the next
// generation, take [Contents.Next] and change that.
//
// The rules that values must keep to, alone and together, are in docs/format.md. The one that writers trip over: no
// time in a file is after Written, planned ones excepted, and a key's times are in order. Clocks step back, so a writer
// takes the later of its clock and the last Written.
type Contents struct {
	ID         ID     // of the keystore, for its whole life
	Cluster    string // one DNS label
	Region     string // one DNS label
	Epoch      uint64 // grows with every restored backup, from 1
	Generation uint64 // grows by one with every write, from 1; a new epoch continues above everything seen

	History  []Digest      // of the generations before this one, newest first, at most MaxHistory
	Written  time.Time     // UTC, whole seconds, as all times here
	Lease    time.Duration // how long a ring may seal after its last refresh; whole seconds, at most MaxLease, 0 is for ever
	Root     ID            // of the root that Stanzas wrap and that seals everything else
	Identity Identity
	Handover *Handover // by the identity before this one; nil for the first
	Groups   []Group
	Stanzas  []Stanza
	Owed     []Owed
	Keys     []Key // in the order of Created; at most one is Active
}

// Identity is the key pair that signs the keystore. Its public half is what operators pin.
type Identity struct {
	Public     ed25519.PublicKey
	SealedSeed []byte // sealed under the root
}

// Handover is the statement of an identity that another one follows it: a signature over [HandoverMessage].
type Handover struct {
	Previous  ed25519.PublicKey
	Signature []byte
}

// Group is a set of stanzas of which Threshold open the root. With threshold 1 each stanza wraps the root itself and
// Split is zero; with more, each wraps a share and Split names the split that the shares are of.
type Group struct {
	Name      string
	Threshold int
	Split     ID
}

// Stanza is the root, or one share of it, wrapped by one KEK.
type Stanza struct {
	KEK        string // "provider" or "provider.name", as in the config
	Provider   string
	KeyID      string // the provider's name for its key; may be empty
	KeyVersion string // the provider's version of that key; may be empty
	Group      string
	Split      ID     // that of the group
	Share      int    // 0 for the root itself, else the number of the share, 1 to 255
	Scheme     string // how exactly Wrapped was made
	Wrapped    []byte
}

// Owed is a KEK that the config names but that could not be reached when the stanzas were written.
type Owed struct {
	KEK      string
	Provider string
	Group    string
	Since    time.Time
}

// Key is one generation of data-encryption material, or the tombstone of one.
type Key struct {
	ID          ID // a UUIDv7; with a legacy suite any
	State       State
	Compromised bool // a mark for the operator's attention, in any state

	Created   time.Time
	Activates time.Time // planned; Prepublished only, may be zero
	Activated time.Time // zero until Active, and for ever if retired before
	Retired   time.Time // zero until Retired
	Destroyed time.Time // zero until Destroyed

	Suite     uint8        // 1 to 255; 0x80 and up are open-only legacy suites, whose keys are Retired or Destroyed
	SealedDEK []byte       // nil for a tombstone
	Signing   []SigningKey // at most one for each algorithm
	Census    *Census      // tombstones only
}

// SigningKey is the signing half of a key. A tombstone keeps no signing keys.
type SigningKey struct {
	Algorithm     string // "EdDSA", "ES256" or "RS256"
	Public        []byte // PKIX, DER
	SealedPrivate []byte
}

// Census is the count that allowed a key's destruction.
type Census struct {
	Taken    time.Time
	Sources  uint64 // how many sources of messages were counted
	Messages uint64 // left under the key; not 0 only when Forced
	Bytes    uint64
	Forced   bool
}
