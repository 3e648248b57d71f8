package census

import (
	"maps"
	"slices"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// A Line is what a census says of one key.
type Line struct {
	Key   keyring.KeyInfo // of a key that the keystore does not have, only the ID
	Known bool            // the keystore has it
	Count keyring.Count
}

// Lines returns a line for each key of the keystore, in the order of their creation, and behind them one for each other key
// that a message names.
func (r *Report) Lines() []Line {
	var lines []Line
	known := make(map[keystore.ID]bool)
	for _, k := range r.keys {
		known[k.ID] = true
		lines = append(lines, Line{k, true, r.Keys[k.ID]})
	}
	for _, id := range slices.SortedFunc(maps.Keys(r.Keys), keystore.ID.Compare) {
		if !known[id] {
			lines = append(lines, Line{keyring.KeyInfo{ID: id}, false, r.Keys[id]})
		}
	}
	return lines
}
