package keyring_test

import (
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func TestVerify(t *testing.T) {
	store, a, b, public, other := keystore.NewMemory(), newEngine(t), newEngine(t), newEngine(t), newEngine(t)
	public.wrapOnly = true
	r := create(t, store, a.kek(t, "a"), b.kek(t, "b"), public.kek(t, "public"))
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		keks     []*wrappers.KEK
		fail     wrappers.Class // of b
		ok       bool
		proven   bool
		problems []error // of each KEK
	}{
		{"all well", keks(a.kek(t, "a"), b.kek(t, "b"), public.kek(t, "public")), 0, true, true, []error{nil, nil, nil}},
		{"one is down", keks(a.kek(t, "a"), b.kek(t, "b")), wrappers.Later, false, true, []error{nil, &engineError{}}},
		{"the only one is down", keks(b.kek(t, "b")), wrappers.Later, false, false, []error{&engineError{}}},
		{"another key under the same name", keks(other.kek(t, "a"), b.kek(t, "b")), 0, false, true, []error{&engineError{}, nil}},
		{"one without a stanza", keks(a.kek(t, "a"), b.kek(t, "new")), 0, false, true, []error{nil, keyring.ErrNoKEK}},
		{"an inactive one without a stanza", keks(a.kek(t, "a"), b.kek(t, "new", inactive)), 0, true, true, []error{nil}},
		{"only a recipient", keks(public.kek(t, "public")), 0, false, false, []error{nil}},
		{"none", nil, 0, false, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.fail(c.fail)
			report, err := keyring.Verify(t.Context(), store, c.keks, home())
			if err != nil {
				t.Fatal(err)
			}
			if report.OK() != c.ok || report.Proven() != c.proven || report.Seen.Generation != 2 {
				t.Errorf("OK %v, proven %v, generation %d", report.OK(), report.Proven(), report.Seen.Generation)
			}
			if len(report.KEKs) != len(c.problems) || len(report.Keys) != 2 {
				t.Fatalf("%d KEKs and %d keys", len(report.KEKs), len(report.Keys))
			}
			for i, want := range c.problems {
				if got := report.KEKs[i].Err; (got == nil) != (want == nil) {
					t.Errorf("%s: %v, want %v", report.KEKs[i].KEK, got, want)
				}
			}
			for _, k := range report.Keys {
				if c.proven && k.Err != nil {
					t.Errorf("key %s: %v", k.ID, k.Err)
				} else if !c.proven {
					wantError(t, k.Err, keyring.ErrNotProven)
				}
			}
		})
	}
	down := newEngine(t)
	down.fail(wrappers.Later)
	if _, err := r.Rewrap(t.Context(), a.kek(t, "a"), down.kek(t, "down")); err != nil {
		t.Fatal(err)
	}
	report, err := r.Verify(t.Context())
	if err != nil || !report.OK() || report.KEKs[0].Owed || !report.KEKs[1].Owed || report.KEKs[1].Err != nil {
		t.Errorf("with a debt: OK %v, %+v, %v", report.OK(), report.KEKs, err)
	}
	_, err = keyring.Verify(t.Context(), store, nil, &keyring.Options{Region: "apac"})
	wantError(t, err, keystore.ErrForeign)
	_, err = keyring.Verify(t.Context(), keystore.NewMemory(), nil, nil)
	wantError(t, err, keystore.ErrNotFound)
}
