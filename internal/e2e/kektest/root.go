package kektest

import (
	"testing"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// RootOf returns the root of a keystore's file, unwrapped by k from the first stanza.
func RootOf(t testing.TB, k *wrappers.KEK, file string) []byte {
	t.Helper()
	c, _, err := keystore.Fetch(t.Context(), keystore.NewFile(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	st := c.Stanzas[0]
	payload, err := k.Unwrap(t.Context(),
		&wrappers.Wrapped{Scheme: st.Scheme, KeyID: st.KeyID, KeyVersion: st.KeyVersion, Blob: st.Wrapped},
		[]byte("sealwax/v1 keystore="+c.ID.String()+" root="+c.Root.String()))
	if err != nil {
		t.Fatal(err)
	}
	return payload[len(payload)-32:]
}
