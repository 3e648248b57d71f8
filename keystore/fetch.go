package keystore

import "context"

// Fetch reads the keystore in store and returns what it says, with its digest, once everything about it is checked: format,
// signature, and that it is the keystore that e expects. e may be nil: nothing is expected.
func Fetch(ctx context.Context, store Store, e *Expect) (*Contents, Digest, error) {
	data, err := store.Read(ctx)
	if err != nil {
		return nil, Digest{}, err
	}
	c, err := Parse(data)
	if err != nil {
		return nil, Digest{}, err
	}
	digest := DigestOf(data)
	if e != nil {
		err = c.Check(digest, e)
	}
	if err != nil {
		return nil, Digest{}, err
	}
	return c, digest, nil
}
