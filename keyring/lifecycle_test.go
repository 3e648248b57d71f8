package keyring

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

var (
	statesOfLife = []keystore.State{keystore.Prepublished, keystore.Active, keystore.Retired, keystore.Destroyed}
	stepsOfLife  = []step{stepActivate, stepSupersede, stepWithdraw, stepMark, stepDestroy}
)

// TestEveryRefusedStepHasAHint: who is refused a step is told what to do instead, and nothing of the key has changed.
func TestEveryRefusedStepHasAHint(t *testing.T) {
	refused := 0
	for _, state := range statesOfLife {
		for _, s := range stepsOfLife {
			hint := hints[state][s]
			if _, ok := life[state][s]; ok {
				if hint != "" {
					t.Errorf("%s of a key that is %s is allowed, and has the hint %q", s, state, hint)
				}
				continue
			}
			refused++
			k := keystore.Key{ID: keystore.NewID(), State: state, Created: time.Unix(1, 0)}
			err := take(&k, s, time.Unix(2, 0))
			if hint == "" || !errors.Is(err, ErrState) || !strings.HasSuffix(err.Error(), k.ID.String()+" is "+state.String()+": "+hint) {
				t.Errorf("%s of a key that is %s: %v, hint %q", s, state, err, hint)
			}
			if k.State != state || k.Compromised || !k.Activated.IsZero() || !k.Retired.IsZero() || !k.Destroyed.IsZero() {
				t.Errorf("the refused step %s left %+v", s, k)
			}
		}
	}
	if refused+7 != len(statesOfLife)*len(stepsOfLife) {
		t.Errorf("%d steps are refused", refused)
	}
}

// TestNoStepGoesBack: the states have an order, and so does every key's life.
func TestNoStepGoesBack(t *testing.T) {
	for from, steps := range life {
		for s, to := range steps {
			if to < from || to == from && s != stepMark {
				t.Errorf("%s leads from %s to %s", s, from, to)
			}
		}
	}
}
