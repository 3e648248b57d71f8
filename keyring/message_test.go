package keyring_test

import (
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

func TestMessageKeyIsTheActiveOneOfItsTime(t *testing.T) {
	r := create(t, keystore.NewMemory(), newEngine(t).kek(t, "a"))
	for range 2 {
		active, err := r.ActiveKey()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := keyring.MessageKey(seal(t, r, "one")); err != nil || got != active {
			t.Errorf("MessageKey = %v, %v; want the active key %v", got, err, active)
		}
		next, err := r.Rotate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.ActiveKey(); err != nil || got != next {
			t.Errorf("ActiveKey after a rotation = %v, %v; want %v", got, err, next)
		}
	}
	r.Close()
	_, err := r.ActiveKey()
	wantError(t, err, keyring.ErrClosed)
}

func TestMessageKeyOfWhatIsNoMessage(t *testing.T) {
	_, err := keyring.MessageKey(make([]byte, 16))
	wantError(t, err, keyring.ErrFormat, "16 bytes")
	_, err = keyring.MessageKey(make([]byte, 100))
	wantError(t, err, keyring.ErrFormat, "format 0x00")
}
