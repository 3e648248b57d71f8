package keyring

import (
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// A Census is a count of the sealed messages that there are, by the key that each names. Package census takes one.
type Census struct {
	Keystore keystore.ID // whose keys were counted
	Begun    time.Time   // before the first source was read
	Ended    time.Time   // zero if it was not finished
	Sources  []string    // what was read, to its end
	Keys     map[keystore.ID]Count
}

// Count is how many messages there are, and how long they are together.
type Count struct {
	Messages uint64
	Bytes    uint64
}

// Add adds a message of size bytes.
func (n *Count) Add(size int) {
	n.Messages++
	n.Bytes += uint64(size)
}
