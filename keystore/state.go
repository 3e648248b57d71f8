package keystore

import "fmt"

// State is where a key is in its life.
type State uint8

// The states of a key, in the order in which it passes them. A key may be retired without ever having been active.
const (
	Prepublished State = 1 + iota // public half known, does not seal yet
	Active                        // seals and opens
	Retired                       // opens
	Destroyed                     // a tombstone: nothing secret is left
)

// stateWords are the states as the file has them, Prepublished first.
var stateWords = []string{"prepublished", "active", "retired", "destroyed"}

// String returns the word that the file has for s: "prepublished", "active", "retired" or "destroyed".
func (s State) String() string {
	if s < Prepublished || s > Destroyed {
		return fmt.Sprintf("State(%d)", uint8(s))
	}
	return stateWords[s-Prepublished]
}

// MarshalText returns the same as String.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
