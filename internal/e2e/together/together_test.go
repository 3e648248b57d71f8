package together

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/awskms"
	"github.com/sealwax/sealwax/wrappers/azurekeyvault"
	"github.com/sealwax/sealwax/wrappers/gcpckms"
	"github.com/sealwax/sealwax/wrappers/transit"
)

var place = keyring.Bind("variable", "emea", "default", "app/db")

func seal(t *testing.T, r *keyring.Ring) []byte {
	t.Helper()
	message, err := r.Seal(nil, []byte("s3cret"), place)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func wantOpen(t *testing.T, r *keyring.Ring, message []byte) {
	t.Helper()
	got, err := r.Open(nil, message, place)
	if err != nil || string(got) != "s3cret" {
		t.Fatalf("Open: %d bytes, %v", len(got), err)
	}
}

func wantCalls(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s: calls %v, want %v", what, got, want)
	}
}

func TestAnyOneOpens(t *testing.T) {
	s, k := start(t), newKeystore(nil)
	var message []byte
	wantCalls(t, "create", s.calls(func() { message = seal(t, k.create(t, s.keks(t, "", everybody...))) }),
		map[string]int{awskms.Provider: 2, gcpckms.Provider: 2, azurekeyvault.Provider: 2, transit.Provider: 2}) // wrapped and read back
	for _, p := range everybody {
		var r *keyring.Ring
		calls := s.calls(func() { r = k.load(t, s.keks(t, "", p)) })
		wantCalls(t, "a start with "+p, calls, map[string]int{p: 1})
		wantOpen(t, r, message)
	}
	calls := s.calls(func() { wantOpen(t, k.load(t, s.keks(t, "", everybody...)), message) })
	wantCalls(t, "a start with all", calls, map[string]int{awskms.Provider: 1})
}

func TestOneThatFailsOrHangsIsPassedOver(t *testing.T) {
	s, k := start(t), newKeystore(nil)
	k.options.HedgeDelay = 50 * time.Millisecond
	message := seal(t, k.create(t, s.keks(t, "", everybody...)))
	for i, p := range everybody {
		order := slices.Concat(everybody[i:], everybody[:i])
		for what, trouble := range map[string]func(){"fails": s.engines[p].fail, "hangs": s.engines[p].hang} {
			trouble()
			keks := s.keks(t, "", order...)
			wantOpen(t, k.load(t, keks), message)
			if h := keks[0].Health(); what == "fails" && h.Failures == 0 {
				t.Errorf("%s %s and is not known to be unwell: %+v", p, what, h)
			}
			s.engines[p].restore()
		}
	}
}

func TestMoveFromProviderToProvider(t *testing.T) {
	s, k := start(t), newKeystore(nil)
	last := everybody[len(everybody)-1]
	message := seal(t, k.create(t, s.keks(t, "", last)))
	for _, p := range everybody {
		r := k.load(t, s.keks(t, "", last))
		report, err := r.Rewrap(t.Context(), s.keks(t, "", p)...)
		if err != nil {
			t.Fatalf("from %s to %s: %v", last, p, err)
		}
		if p != last && !slices.Equal(report.Dropped, []string{last}) {
			t.Errorf("from %s to %s: dropped %q", last, p, report.Dropped)
		}
		calls := s.calls(func() { wantOpen(t, k.load(t, s.keks(t, "", everybody...)), message) })
		wantCalls(t, "a start after the move to "+p, calls, map[string]int{p: 1})
		last = p
	}
}

func TestDebtIsPaidWhenTheProviderIsBack(t *testing.T) {
	s := start(t)
	for _, p := range everybody {
		k := newKeystore(nil)
		s.engines[p].fail()
		keks := s.keks(t, "", everybody...)
		r := k.create(t, keks)
		if owed := r.Owed(); len(owed) != 1 || owed[0].KEK != p {
			t.Fatalf("%s is down: owed %v", p, owed)
		}
		s.engines[p].restore()
		if _, err := r.Rewrap(t.Context(), keks...); err != nil {
			t.Fatal(err)
		}
		if owed := r.Owed(); len(owed) != 0 {
			t.Errorf("%s is back: owed %v", p, owed)
		}
		wantOpen(t, k.load(t, s.keks(t, "", p)), seal(t, r))
	}
}

func TestTwoCloudsOfThree(t *testing.T) {
	clouds := everybody[:3]
	s, k := start(t), newKeystore(map[string]int{"clouds": 2})
	message := seal(t, k.create(t, s.keks(t, "clouds", clouds...)))
	for i, down := range clouds {
		s.engines[down].fail()
		calls := s.calls(func() { wantOpen(t, k.load(t, s.keks(t, "clouds", clouds...)), message) })
		for _, p := range slices.Delete(slices.Clone(clouds), i, i+1) {
			if calls[p] != 1 {
				t.Errorf("%s is down: %d calls of %s, want 1", down, calls[p], p)
			}
		}
		s.engines[clouds[(i+1)%3]].fail()
		_, err := keyring.Load(t.Context(), k.store, s.keks(t, "clouds", clouds...), &k.options)
		if err == nil || wrappers.ClassOf(err) != wrappers.Later || !strings.Contains(err.Error(), "clouds") || !strings.Contains(err.Error(), down) {
			t.Errorf("one of three: got %v, want an error of class Later about the group and %s", err, down)
		}
		for _, p := range clouds {
			s.engines[p].restore()
		}
	}
}

func TestRunningRingNeedsNobody(t *testing.T) {
	s, k := start(t), newKeystore(nil)
	r := k.create(t, s.keks(t, "", everybody...))
	message := seal(t, r)
	for _, e := range s.engines {
		e.hang()
	}
	calls := s.calls(func() {
		if _, err := r.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantOpen(t, r, message)
		wantOpen(t, r, seal(t, r))
	})
	wantCalls(t, "a rotation with every provider silent", calls, map[string]int{})
	for _, e := range s.engines {
		e.restore()
	}
}
