package keystore_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/internal/keystoretest"
	"github.com/sealwax/sealwax/keystore"
)

// A clone is equal, and nothing that is done to it reaches the original.
func TestCloneSharesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _ := keystoretest.Draw(t)
		want := c.Clone()
		if !reflect.DeepEqual(c, want) {
			t.Fatalf("got %+v, want %+v", want, c)
		}
		scramble(reflect.ValueOf(c.Clone()).Elem())
		if !reflect.DeepEqual(c, want) {
			t.Fatal("changing a clone changed the original")
		}
	})
}

// scramble sets everything that v leads to to zero, depth first.
func scramble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			scramble(v.Elem())
		}
		return
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				scramble(v.Field(i))
			}
		}
		return
	case reflect.Slice:
		for i := range v.Len() {
			scramble(v.Index(i))
		}
		return
	}
	v.SetZero()
}

func TestNext(t *testing.T) {
	c := example()
	for generation := uint64(1); generation < 100; generation++ {
		digest := keystore.Digest{byte(generation)}
		next := c.Next(digest)
		if next.Generation != generation+1 || next.History[0] != digest || len(next.History) != int(min(generation, 64)) {
			t.Fatalf("after generation %d: generation %d with %d digests, the newest %s", generation, next.Generation, len(next.History), next.History[0])
		}
		if c.Generation != generation || len(c.History) > 0 && c.History[0] == digest {
			t.Fatalf("Next changed generation %d", generation)
		}
		if _, err := keystore.Append(nil, next, signer(testIdentity)); err != nil {
			t.Fatal(err)
		}
		c = next
	}
	for i, d := range c.History {
		if want := (keystore.Digest{byte(99 - i)}); d != want {
			t.Errorf("history[%d] = %s, want %s", i, d, want)
		}
	}
}

func TestActiveAndFind(t *testing.T) {
	c := example()
	active := &c.Keys[0]
	if got := c.Active(); got != active {
		t.Errorf("Active = %p, want %p", got, active)
	}
	if got := c.Find(active.ID); got != active {
		t.Errorf("Find = %p, want %p", got, active)
	}
	if got := c.Find(keystore.NewID()); got != nil {
		t.Errorf("Find of an unknown ID = %v, want nil", got)
	}
	active.State = keystore.Retired
	if got := c.Active(); got != nil {
		t.Errorf("Active without one = %v, want nil", got)
	}
}
