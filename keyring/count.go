package keyring

import "github.com/sealwax/sealwax/keystore"

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

// plus returns the sum of both, which ends at what a wear file can hold.
func (n Count) plus(m Count) Count {
	return Count{min(n.Messages+m.Messages, keystore.MaxWear), min(n.Bytes+m.Bytes, keystore.MaxWear)}
}

// minus returns what n has more than m, of each.
func (n Count) minus(m Count) Count {
	return Count{n.Messages - min(n.Messages, m.Messages), n.Bytes - min(n.Bytes, m.Bytes)}
}

// least returns the lesser one of each.
func (n Count) least(m Count) Count {
	return Count{min(n.Messages, m.Messages), min(n.Bytes, m.Bytes)}
}

func (n Count) isZero() bool { return n == Count{} }

// exceeds reports whether n has more than m of either.
func (n Count) exceeds(m Count) bool { return n.Messages > m.Messages || n.Bytes > m.Bytes }
