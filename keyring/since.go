package keyring

import (
	"encoding/binary"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// since returns when k came into its state, which the keystore says was at the time written. That can lie in the
// future: the format's times never go backwards, so a writer whose clock was a year ahead has all others write next
// year's dates for a year.
//
// Then it is when the key was first seen, but not before it was made: or somebody whose clock is a year behind would
// have it replaced at once, and the next one as well. If nobody has seen it, it is when it was made, which makes it
// older by its lead.
func since(k *keystore.Key, written time.Time, seen Observed, now time.Time) time.Time {
	if !written.After(now) {
		return written
	}
	from := later(seen.Since, madeAt(k.ID, now))
	if seen.Since.After(now) {
		from = madeAt(k.ID, now)
	}
	if from.IsZero() {
		return now
	}
	return from
}

// madeAt returns when an ID was made: a UUIDv7 begins with milliseconds since 1970, by its maker's clock, whatever the
// keystore's time was. It is zero for other IDs, and for those of a clock that is ahead.
func madeAt(id keystore.ID, now time.Time) time.Time {
	if id[6]>>4 != 7 {
		return time.Time{}
	}
	at := time.UnixMilli(int64(binary.BigEndian.Uint64(id[:8]) >> 16)).UTC().Truncate(time.Second)
	if at.After(now) {
		return time.Time{}
	}
	return at
}
