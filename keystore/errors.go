package keystore

import "errors"

// What can be wrong with a keystore. Each asks something else of the operator, so each is an error of its own; test
// with errors.Is.
var (
	// ErrNotFound: the store holds no keystore. If fs.ErrNotExist is in the chain too, there is no directory for one either.
	ErrNotFound = errors.New("no keystore")
	// ErrConflict: the store's keystore is not the one that the writer read. Nothing was written.
	ErrConflict = errors.New("the keystore was changed by someone else")
	// ErrOutcomeUnknown: the write may or may not have happened. Read again and compare before using either.
	ErrOutcomeUnknown = errors.New("the outcome of the write is unknown")

	// ErrDamaged: the bytes are not a keystore, or not a whole one.
	ErrDamaged = errors.New("damaged keystore")
	// ErrVersion: a keystore of a format version that this program does not know.
	ErrVersion = errors.New("unknown keystore version")
	// ErrTampered: a well-formed keystore that its identity did not sign.
	ErrTampered = errors.New("keystore signature does not verify")

	// ErrForeign: a keystore of another cluster, region, ID or identity than expected.
	ErrForeign = errors.New("foreign keystore")
	// ErrRolledBack: an older generation than one already seen.
	ErrRolledBack = errors.New("keystore was rolled back")
	// ErrForked: a generation that does not descend from the one already seen.
	ErrForked = errors.New("keystore was forked")
	// ErrContinuityUnknown: so many generations newer that its history does not reach back to the one already seen.
	ErrContinuityUnknown = errors.New("continuity unknown")

	// ErrWearDamaged: the bytes are not a wear file, or not a whole one.
	ErrWearDamaged = errors.New("damaged wear file")
	// ErrWearVersion: a wear file of a format version that this program does not know.
	ErrWearVersion = errors.New("unknown wear file version")
)
