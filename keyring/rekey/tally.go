package rekey

import "github.com/sealwax/sealwax/keystore"

// maxMissed bounds how many records a run looks at again.
const maxMissed = 4096

// A tally is what became of the records up to a cursor. A copy of it is what was known then: slices are only appended to.
type tally struct {
	Counts
	cursor   string
	failures []Failure

	key  keystore.ID // that the last message was re-sealed with
	last int64       // how many were in a row, with that key

	missed []string // cursors of records that somebody else wrote
	before string   // the first of them: a walk from here meets all
}

// add counts it.
func (t *tally) add(it *item) {
	t.Records++
	t.cursor = it.Cursor
	t.count(it)
}

func (t *tally) count(it *item) {
	switch it.verdict {
	case current:
		t.Current++
	case other:
		t.Other++
	case resealed:
		t.Resealed++
		t.Bytes += int64(len(it.Sealed))
		t.under(it.key)
	case failed:
		t.fail(it)
	}
}

func (t *tally) fail(it *item) {
	t.Failed++
	if len(t.failures) < maxFailures {
		t.failures = append(t.failures, Failure{it.Where, it.Err})
	}
}

// skip counts it as one that somebody else wrote.
func (t *tally) skip(it *item) {
	if len(t.missed) == 0 {
		t.before = t.cursor
	}
	if len(t.missed) < maxMissed {
		t.missed = append(t.missed, it.Cursor)
	}
	t.Records++
	t.Skipped++
	t.cursor = it.Cursor
}

// under counts a message that was re-sealed with a key. Keys only ever follow one another.
func (t *tally) under(key keystore.ID) {
	if key != t.key {
		t.key, t.last = key, 0
	}
	t.last++
}

// superseded returns how many were re-sealed with other keys than the active one.
func (t *tally) superseded(active keystore.ID) int64 {
	if t.key != active {
		return t.Resealed
	}
	return t.Resealed - t.last
}
