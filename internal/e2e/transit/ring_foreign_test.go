package transit

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// Who writes the disk puts the stanza of one keystore into another, under an identity of their own. It is the same Vault
// key, but Vault was told which keystore the stanza is of.
func TestStanzaOfAnotherKeystore(t *testing.T) {
	s, a, b := start(t), newStore(t), newStore(t)
	create(t, a, newKEK(t, config(s)))
	create(t, b, newKEK(t, config(s)))

	forged := contents(t, b)
	forged.Stanzas = contents(t, a).Stanzas
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	forged.Identity.Public = public
	data, err := keystore.Append(nil, forged, func(message []byte) []byte { return ed25519.Sign(private, message) })
	if err != nil {
		t.Fatal(err)
	}
	store := keystore.NewMemory()
	if err := store.Write(t.Context(), keystore.Digest{}, data); err != nil {
		t.Fatal(err)
	}
	wantCalls(t, s, "Load", calls{"decrypt": 1}, func() {
		err := loadError(t, time.Second, store, newKEK(t, config(s)))
		wantError(t, err, wrappers.Never, "Vault answered 400: cipher: message authentication failed")
	})
}

// A stanza whose key the config does not name is not sent to the Vault.
func TestConfigNamesAnotherKey(t *testing.T) {
	s, store := start(t), newStore(t)
	s.Admin(t, "keys/other", nil)
	create(t, store, newKEK(t, config(s)))
	other := config(s)
	other.KeyName = "other"
	k := newKEK(t, other)
	wantCalls(t, s, "Load", calls{}, func() {
		err := loadError(t, time.Second, store, k)
		wantError(t, err, wrappers.Never, `wrapped under "transit/keys/app", the config names "transit/keys/other"`, "set mount_path and key_name")
	})
}
