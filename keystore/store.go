package keystore

import "context"

// A Store keeps the bytes of one keystore. It neither parses nor checks them. All methods may be called concurrently,
// also from several processes.
//
// Every implementation passes the suite in keystore/storetest.
type Store interface {
	// Read returns the current bytes, once they are durable: no reader may act on a generation that a power cut takes
	// back. The caller owns the slice. Without a keystore it returns ErrNotFound.
	Read(ctx context.Context) ([]byte, error)

	// Write replaces the bytes whose digest is prev by data, durably. The zero prev means that there must be none.
	// The result is nil: written; ErrConflict: the current digest is not prev; ErrOutcomeUnknown: read again and
	// compare; any other error: not written. Write does not keep data.
	Write(ctx context.Context, prev Digest, data []byte) error
}

// A Stamper is a Store that can tell cheaply whether its bytes may have changed.
type Stamper interface {
	// Stamp returns a value that differs whenever the bytes differ from those at an earlier Stamp. For a file it costs
	// one stat. Take the stamp before the Read that it stands for.
	Stamp(ctx context.Context) (string, error)
}

// A PreviousRemover is a Store that keeps the generation before the current one as a precaution, and can let go of it.
type PreviousRemover interface {
	// RemovePrevious makes the previous generation unreadable, durably. None being there is no error.
	RemovePrevious(ctx context.Context) error
}

// A SetAsider is a Store of a side file that can put away what is damaged, for whoever wants to look at it, so that
// another one may be begun.
type SetAsider interface {
	// SetAside empties the store, if the digest of its bytes is the given one, and returns where they are now.
	SetAside(ctx context.Context, digest Digest) (where string, err error)
}
