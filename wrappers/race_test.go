package wrappers

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// refusing is a KEK that refuses each attempt at once, for a reason that is worth a retry.
func refusing(t *testing.T, name string) Candidate {
	t.Helper()
	return Candidate{newKEK(t, failing(99, Later), &Options{Provider: "fake", Name: name}), blob}
}

// The next KEK is asked when an attempt has failed, not when all its retries have.
func TestFirstFailureStartsTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		candidates := []Candidate{refusing(t, "a"), answering(t, "b", 20*time.Millisecond, "B", nil)}
		candidates[0].KEK.options.Attempts = 99 // or it might give up before b answers
		first, err := UnwrapFirst(t.Context(), candidates, nil, anything, &HedgeOptions{Delay: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		wantAttempts(t, first.Attempts, "fake.a +0s 20ms no luck", "fake.b +0s 20ms ok")
	})
}

// The KEK that was started in the place of a failing one has the whole hedge delay for itself, also when the failing one
// gives up meanwhile.
func TestRetriesThatEndStartNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spare := answering(t, "c", 0, "C", nil)
		candidates := []Candidate{refusing(t, "a"), answering(t, "b", 5*time.Second, "B", nil), spare}
		first, err := UnwrapFirst(t.Context(), candidates, nil, anything, &HedgeOptions{Delay: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		if len(first.Attempts) != 2 || first.Index != 1 || first.Attempts[1].Started != 0 {
			t.Errorf("got %+v, want b alone in the place of a", first.Attempts)
		}
	})
}

func TestRetriesThatEndLastStartTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		person := candidate(t, &prompting{schemer{newFake(), "fake/1"}}, "p")
		candidates := []Candidate{person, refusing(t, "a"), answering(t, "b", time.Millisecond, "", errors.New("denied"))}
		first, err := UnwrapFirst(t.Context(), candidates, nil, anything, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(first.Attempts) != 3 || first.Index != 0 || first.Attempts[2].Started != first.Attempts[0].Took {
			t.Errorf("got %+v, want the person when the last machine has given up", first.Attempts)
		}
	})
}

// A retry that follows a slow failure starts one more, though the hedge delay has started one already.
func TestSlowFailureStartsTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := answering(t, "a", 1500*time.Millisecond, "", context.DeadlineExceeded)
		slow.KEK.options.Attempts = 3
		candidates := []Candidate{slow, answering(t, "b", 2*time.Second, "B", nil), answering(t, "c", time.Hour, "C", nil)}
		first, err := UnwrapFirst(t.Context(), candidates, nil, anything, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(first.Attempts) != 3 || first.Attempts[2].Started != 1500*time.Millisecond {
			t.Errorf("got %+v, want c after 1.5 s", first.Attempts)
		}
	})
}
