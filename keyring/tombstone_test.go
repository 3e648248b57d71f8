package keyring

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// TestTheStoryOfADestroyedKey: whoever has a message of it is told what became of the key, in words of bounded length.
func TestTheStoryOfADestroyedKey(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 9, 30, 0, 0, time.UTC) }
	id := keystore.NewID()
	counted := &keystore.Census{Taken: day(8), Sources: 3}
	for _, c := range []struct {
		name string
		key  keystore.Key
		want string
	}{
		{"after a census", keystore.Key{Activated: day(1), Census: counted},
			"it was active from 2026-11-01T09:30:00Z to 2026-11-05T09:30:00Z, and was destroyed on 2026-11-09T09:30:00Z " +
				"after a census of 3 sources, taken on 2026-11-08T09:30:00Z, had counted no message"},
		{"never active", keystore.Key{Census: counted},
			"it was never active and was retired on 2026-11-05T09:30:00Z, and was destroyed on 2026-11-09T09:30:00Z " +
				"after a census of 3 sources, taken on 2026-11-08T09:30:00Z, had counted no message"},
		{"compromised", keystore.Key{Activated: day(1), Compromised: true, Census: counted},
			"to 2026-11-05T09:30:00Z, is marked compromised, and was destroyed on"},
		{"by force", keystore.Key{Activated: day(1), Census: &keystore.Census{Taken: day(8), Sources: 1, Messages: 17, Bytes: 3400, Forced: true}},
			"by force; a census of 1 source, taken on 2026-11-08T09:30:00Z, had counted 17 messages of it, 3400 bytes, which nobody opens any more"},
		{"by force, needlessly", keystore.Key{Activated: day(1), Census: &keystore.Census{Taken: day(8), Sources: 2, Forced: true}},
			"by force; a census of 2 sources, taken on 2026-11-08T09:30:00Z, had counted no message"},
		{"uncounted", keystore.Key{Activated: day(1), Census: &keystore.Census{Taken: day(9), Forced: true}},
			"was destroyed on 2026-11-09T09:30:00Z by force, without a census of its messages"},
		{"the longest", keystore.Key{Activated: day(1), Compromised: true,
			Census: &keystore.Census{Taken: day(8), Sources: 1<<53 - 1, Messages: 1<<53 - 1, Bytes: math.MaxUint64, Forced: true}}, "by force"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.key.ID, c.key.State = id, keystore.Destroyed
			c.key.Created, c.key.Retired, c.key.Destroyed = day(1), day(5), day(9)
			err := errDestroyed(&c.key)
			if !errors.Is(err, ErrKeyDestroyed) || !strings.HasPrefix(err.Error(), "keyring: key was destroyed: "+id.String()+": it was ") ||
				!strings.Contains(err.Error(), c.want) || len(err.Error()) > 500 {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}
