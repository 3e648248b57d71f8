package rekey

import (
	"sync"
	"sync/atomic"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// A batch is full with so many records, or with so many bytes of them. With fewer the turns would be felt, with more the
// caches.
const (
	batchRecords = 128
	batchBytes   = 128 << 10
)

// A batch is some records that are read, sealed and written together.
type batch struct {
	items  []item
	size   int         // bytes of the messages that were read
	out    []byte      // the messages that were sealed, one behind the other
	sealed atomic.Bool // a worker is done with it
}

// An item is a record and what is to become of it.
type item struct {
	source.Record
	verdict verdict
	sealed  []byte      // in batch.out
	key     keystore.ID // that it was sealed with
}

type verdict uint8

const (
	pending  verdict = iota // nobody has looked
	current                 // is under the active key
	other                   // is under a key that is not asked for
	resealed                // is to be replaced
	failed                  // Err says why
)

func newBatch() *batch { return &batch{items: make([]item, 0, batchRecords)} }

func (it *item) fail(err error) { it.verdict, it.Err = failed, err }

// add adds rec, which must not make more than batchRecords.
func (b *batch) add(rec source.Record) {
	n := len(b.items)
	b.items = b.items[:n+1]
	b.items[n].Record = rec // the rest of it is zero
	b.size += len(rec.Sealed)
}

// makeRoom lets all messages of b be sealed into out without moving it.
func (b *batch) makeRoom() {
	if want := b.size + len(b.items)*keyring.Overhead; cap(b.out) < want {
		b.out = make([]byte, 0, want)
	}
}

// spare keeps batches that are not in use, and gives out first what came last: it is still in a cache.
type spare struct {
	mu      sync.Mutex
	batches []*batch
}

func (s *spare) take() *batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.batches) - 1
	if last < 0 {
		return newBatch()
	}
	b := s.batches[last]
	s.batches = s.batches[:last]
	return b
}

// put empties b. A batch that has had a long message is not kept.
func (s *spare) put(b *batch) {
	if cap(b.out) > 2*batchBytes {
		return
	}
	clear(b.items)
	b.items, b.size, b.out = b.items[:0], 0, b.out[:0]
	b.sealed.Store(false)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = append(s.batches, b)
}
