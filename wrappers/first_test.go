package wrappers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// answering returns a candidate that takes its time, heeds its context, and then gives plaintext or err.
func answering(t *testing.T, name string, after time.Duration, plaintext string, err error) Candidate {
	t.Helper()
	f := newFake()
	f.decrypt = func(ctx context.Context, _ []byte) ([]byte, error) {
		select {
		case <-time.After(after):
			return []byte(plaintext), err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return candidate(t, &schemer{f, "fake/1"}, name)
}

func candidate(t *testing.T, w Schemer, name string) Candidate {
	t.Helper()
	return Candidate{newKEK(t, w, &Options{Provider: "fake", Name: name, Attempts: 1}), blob}
}

func anything(int, []byte) error { return nil }

// wantAttempts compares with lines like "fake.a +1s 200ms ok".
func wantAttempts(t *testing.T, got []Attempt, want ...string) {
	t.Helper()
	var lines []string
	for _, a := range got {
		outcome := "ok"
		if a.Err != nil {
			_, outcome, _ = strings.Cut(a.Err.Error(), a.KEK+": ")
		}
		lines = append(lines, a.KEK+" +"+a.Started.String()+" "+a.Took.String()+" "+outcome)
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got attempts\n\t%s\nwant\n\t%s", strings.Join(lines, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestFirstThatAnswersWins(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	denied := errors.New("denied")
	for _, c := range []struct {
		name       string
		candidates func(t *testing.T) []Candidate
		plaintext  string
		index      int
		attempts   []string
	}{
		{"healthy: nobody else is asked", func(t *testing.T) []Candidate {
			return []Candidate{answering(t, "a", 20*ms, "A", nil), answering(t, "b", 20*ms, "B", nil)}
		}, "A", 0, []string{"fake.a +0s 20ms ok"}},
		{"failed: the next at once", func(t *testing.T) []Candidate {
			return []Candidate{answering(t, "a", 20*ms, "", denied), answering(t, "b", 20*ms, "B", nil)}
		}, "B", 1, []string{"fake.a +0s 20ms denied", "fake.b +20ms 20ms ok"}},
		{"slow: the next after a second, and the slow one is cancelled", func(t *testing.T) []Candidate {
			return []Candidate{answering(t, "a", 5*s, "A", nil), answering(t, "b", 20*ms, "B", nil)}
		}, "B", 1, []string{"fake.a +0s 1.02s " + ErrNotNeeded.Error(), "fake.b +1s 20ms ok"}},
		{"slow but still first", func(t *testing.T) []Candidate {
			return []Candidate{answering(t, "a", 1500*ms, "A", nil), answering(t, "b", 5*s, "B", nil)}
		}, "A", 0, []string{"fake.a +0s 1.5s ok", "fake.b +1s 500ms " + ErrNotNeeded.Error()}},
		{"three, a second apart", func(t *testing.T) []Candidate {
			return []Candidate{answering(t, "a", 9*s, "", denied), answering(t, "b", 9*s, "", denied), answering(t, "c", 9*s, "C", nil)}
		}, "C", 2, []string{"fake.a +0s 9s denied", "fake.b +1s 9s denied", "fake.c +2s 9s ok"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, err := UnwrapFirst(t.Context(), c.candidates(t), nil, anything, nil)
				if err != nil {
					t.Fatal(err)
				}
				if string(first.Plaintext) != c.plaintext || first.Index != c.index {
					t.Errorf("got %q from %d, want %q from %d", first.Plaintext, first.Index, c.plaintext, c.index)
				}
				wantAttempts(t, first.Attempts, c.attempts...)
			})
		})
	}
}

func TestDelayCanBeSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		candidates := []Candidate{answering(t, "a", time.Minute, "A", nil), answering(t, "b", 0, "B", nil)}
		candidates[0].KEK.options.Timeout = time.Hour
		first, err := UnwrapFirst(t.Context(), candidates, nil, anything, &HedgeOptions{Delay: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		wantAttempts(t, first.Attempts, "fake.a +0s 5s "+ErrNotNeeded.Error(), "fake.b +5s 0s ok")
	})
}

func TestRefusedPlaintextIsThatAttemptsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refused []byte
		accept := func(i int, plaintext []byte) error {
			if i == 0 {
				refused = plaintext
				return errors.New("root of another keystore")
			}
			return nil
		}
		candidates := []Candidate{answering(t, "a", 0, "A", nil), answering(t, "b", 0, "B", nil)}
		first, err := UnwrapFirst(t.Context(), candidates, nil, accept, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, first.Attempts[0].Err, Never, "wrappers: unwrap with fake.a: root of another keystore")
		if string(first.Plaintext) != "B" || refused[0] != 0 {
			t.Errorf("got %q, and the refused plaintext is now %q; want B and zeros", first.Plaintext, refused)
		}
	})
}

func TestNobodyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		candidates := []Candidate{
			{newKEK(t, failing(9, Never), &Options{Provider: "fake", Name: "a"}), blob},
			answering(t, "b", time.Second, "", errors.New("denied")),
		}
		_, err := UnwrapFirst(t.Context(), candidates, nil, anything, nil)
		want := "wrappers: none of the 2 KEKs asked could unwrap:\n\tunwrap with fake.a: no luck\n\tunwrap with fake.b: denied"
		if err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
		_, one := UnwrapFirst(t.Context(), candidates[1:], nil, anything, nil)
		if one == nil || one.Error() != "wrappers: unwrap with fake.b: denied" {
			t.Errorf("a single KEK: got %v", one)
		}
		set, ok := errors.AsType[*SetError](err)
		if !ok || len(set.Attempts) != 2 || !HasClass(err, Never) || !HasClass(err, Ask) || HasClass(err, Later) {
			t.Errorf("got %#v", err)
		}
	})
}

func TestNobodyCanUnwrap(t *testing.T) {
	only := Candidate{newKEK(t, wrapOnly{newFake()}, nil), blob}
	for _, candidates := range [][]Candidate{nil, {only}} {
		_, err := UnwrapFirst(t.Context(), candidates, nil, anything, nil)
		if err == nil || err.Error() != "wrappers: none of the KEKs can unwrap" {
			t.Errorf("got %v", err)
		}
	}
}

func TestWrapOnlyAndInactive(t *testing.T) {
	f := newFake()
	inactive := newKEK(t, &schemer{newFake(), "fake/1"}, &Options{Provider: "fake", Name: "old", Inactive: true})
	candidates := []Candidate{{newKEK(t, wrapOnly{f}, nil), blob}, {inactive, blob}}
	first, err := UnwrapFirst(t.Context(), candidates, nil, anything, nil)
	if err != nil {
		t.Fatal(err)
	}
	if first.Index != 1 || len(first.Attempts) != 1 || f.calls.Load() != 0 {
		t.Errorf("got %+v and %d calls of the wrap-only one, want the inactive one alone", first, f.calls.Load())
	}
}

// prompting is a schemer that asks a person.
type prompting struct{ schemer }

func (*prompting) WaitsForPerson() bool { return true }

func TestPersonIsAskedLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passphrase := func(name string) Candidate {
			f := newFake()
			f.decrypt = func(context.Context, []byte) ([]byte, error) {
				time.Sleep(time.Minute)
				return nil, errors.New("wrong passphrase")
			}
			return candidate(t, &prompting{schemer{f, "fake/1"}}, name)
		}
		candidates := []Candidate{passphrase("p"), passphrase("q"), answering(t, "a", 3*time.Second, "", errors.New("denied"))}
		_, err := UnwrapFirst(t.Context(), candidates, nil, anything, nil)
		set, ok := errors.AsType[*SetError](err)
		if !ok {
			t.Fatal(err)
		}
		wantAttempts(t, set.Attempts, "fake.a +0s 3s denied", "fake.p +3s 1m0s wrong passphrase", "fake.q +1m3s 1m0s wrong passphrase")
	})
}

func TestDeafLoserIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, letGo := deaf()
		defer letGo()
		candidates := []Candidate{candidate(t, w, "deaf"), answering(t, "b", 0, "B", nil)}
		first, err := UnwrapFirst(t.Context(), candidates, nil, anything, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantAttempts(t, first.Attempts, "fake.deaf +0s 1s "+ErrNotNeeded.Error(), "fake.b +1s 0s ok")
	})
}

func TestPlaintextThatCameTooLateIsCleared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late, f := []byte("A"), newFake()
		f.decrypt = func(context.Context, []byte) ([]byte, error) {
			time.Sleep(1500 * time.Millisecond)
			return late, nil
		}
		candidates := []Candidate{candidate(t, &schemer{f, "fake/1"}, "a"), answering(t, "b", 0, "B", nil)}
		accept := func(int, []byte) error {
			time.Sleep(time.Second) // b answers after 1 s, so a does while b's answer is looked at
			return nil
		}
		first, err := UnwrapFirst(t.Context(), candidates, nil, accept, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantAttempts(t, first.Attempts, "fake.a +0s 2s "+ErrNotNeeded.Error(), "fake.b +1s 1s ok")
		if late[0] != 0 {
			t.Errorf("the loser's plaintext is still %q", late)
		}
	})
}

func TestUnwrapFirstEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		candidates := []Candidate{answering(t, "a", time.Minute, "", nil), answering(t, "b", time.Minute, "", nil), answering(t, "c", time.Minute, "", nil)}
		_, err := UnwrapFirst(ctx, candidates, nil, anything, nil)
		set, ok := errors.AsType[*SetError](err)
		if !ok {
			t.Fatal(err)
		}
		wantAttempts(t, set.Attempts, "fake.a +0s 1.5s context deadline exceeded", "fake.b +1s 500ms context deadline exceeded")
		if ClassOf(err) != Later {
			t.Errorf("got class %v", ClassOf(err))
		}
	})
}
