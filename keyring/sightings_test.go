package keyring

import (
	"testing"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

func TestSightings(t *testing.T) {
	c := &keystore.Contents{Keys: []keystore.Key{activeKey()}} // of dawn
	k := &c.Keys[0]
	var s sightings
	for _, step := range []struct {
		name  string
		now   time.Duration // from dawn
		state keystore.State
		want  time.Duration // from dawn; 1 for none
	}{
		{"its time has come: nothing to note", day, keystore.Active, 1},
		{"a clock before it", -10 * day, keystore.Active, -10 * day},
		{"the same, later", -9 * day, keystore.Active, -10 * day},
		{"set back: what was seen later was seen now", -20 * day, keystore.Active, -20 * day},
		{"its time has come, and perhaps it is the clock that jumped", day, keystore.Active, -20 * day},
		{"in another state it was not seen before", -5 * day, keystore.Retired, -5 * day},
	} {
		k.State = step.state
		s.note(c, dawn.Add(step.now))
		want := dawn.Add(step.want)
		if step.want == 1 {
			want = time.Time{}
		}
		if got := s.of(k); !got.Equal(want) {
			t.Errorf("%s: seen at %v, want %v", step.name, got, want)
		}
	}
	k.State = keystore.Active
	if got := s.of(k); !got.IsZero() {
		t.Errorf("in a state that was not noted it was seen at %v", got)
	}
}
