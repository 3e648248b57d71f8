package keyring

import (
	"errors"
	"fmt"
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

	// Unread is how many records could not be read, so that nobody knows which key they need: it may be any. A record
	// that was read and is no message does not count.
	Unread uint64
}

// check reports why n, which may be nil, is no census of the keystore that c is the next generation of, if it is none.
func (n *Census) check(c *keystore.Contents, skew time.Duration) error {
	switch {
	case n == nil || len(n.Sources) == 0:
		return errors.New("there is no census of the sources that may have messages of it: run 'keyring census'")
	case n.Keystore != c.ID:
		return fmt.Errorf("the census is of keystore %s, and this is %s", n.Keystore, c.ID)
	case n.Begun.IsZero() || n.Ended.IsZero():
		return errors.New("the census was not finished")
	case n.Ended.Before(n.Begun):
		return fmt.Errorf("the census began on %s and ended before that, on %s", date(n.Begun), date(n.Ended))
	case n.Begun.After(c.Written.Add(skew)):
		return fmt.Errorf("the census began on %s, and now is %s: one of the clocks is wrong", date(n.Begun), date(c.Written))
	}
	return nil
}

// epitaph is what n says of a key, as its tombstone in c has it.
func (n *Census) epitaph(id keystore.ID, c *keystore.Contents, forced bool) *keystore.Census {
	taken := n.Begun.UTC().Truncate(time.Second)
	if taken.After(c.Written) {
		taken = c.Written // within the clocks' skew; the format wants times in order
	}
	left := n.Keys[id]
	return &keystore.Census{Taken: taken, Sources: uint64(len(n.Sources)), Messages: left.Messages, Bytes: left.Bytes, Forced: forced}
}
