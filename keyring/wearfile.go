package keyring

import (
	"context"
	"fmt"

	"github.com/sealwax/sealwax/keystore"
)

// wearFile is what was read from Options.Wear.
type wearFile struct {
	wear   *keystore.Wear
	digest keystore.Digest // zero: there is none yet
}

// readWearFile reads and checks the wear file of a keystore. Of a damaged one the digest is returned with the error.
func readWearFile(ctx context.Context, store keystore.Store, id keystore.ID) (wearFile, error) {
	data, err := store.Read(ctx)
	if err != nil {
		return wearFile{}, err
	}
	f := wearFile{digest: keystore.DigestOf(data)}
	if f.wear, err = keystore.ParseWear(data); err != nil {
		return f, err
	}
	if f.wear.Keystore != id {
		return f, fmt.Errorf("%w: the wear file is of keystore %s, this is %s", keystore.ErrForeign, f.wear.Keystore, id)
	}
	return f, nil
}
