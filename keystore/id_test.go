package keystore_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keystore"
)

func TestIDRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := keystore.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		got, err := keystore.ParseID(id.String())
		if err != nil || got != id {
			t.Fatalf("ParseID(%s) = %s, %v", id, got, err)
		}
	})
}

// TestIDOrder: IDs come in the order of their texts, so that people and programs sort alike.
func TestIDOrder(t *testing.T) {
	id := rapid.Custom(func(t *rapid.T) keystore.ID { return keystore.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")) })
	rapid.Check(t, func(t *rapid.T) {
		a, b := id.Draw(t, "a"), id.Draw(t, "b")
		if got, want := a.Compare(b), strings.Compare(a.String(), b.String()); got != want {
			t.Fatalf("%s compared with %s: %d, want %d", a, b, got, want)
		}
		if got := a.Compare(a); got != 0 {
			t.Fatalf("%s compared with itself: %d", a, got)
		}
	})
}

func TestParseIDRefuses(t *testing.T) {
	for _, s := range []string{
		"",
		"0193d5e0-0000-7000-8000-00000000000",
		"0193d5e0-0000-7000-8000-0000000000000",
		"0193D5E0-0000-7000-8000-000000000000",
		"0193d5e0000-0-7000-8000-000000000000",
		"0193d5e0-0000-7000-8000--00000000000",
		"0193d5e0-0000-7000-8000-00000000000g",
		"0193d5e000000000700080000000000000000",
		"{193d5e0-0000-7000-8000-00000000000}",
		"------------------------------------",
		"000000000000000000000000000000000000",
	} {
		id, err := keystore.ParseID(s)
		if want := "keystore: \"" + s + "\" is not a lower-case UUID"; err == nil || err.Error() != want || !id.IsZero() {
			t.Errorf("ParseID(%q) = %s, %v, want %s", s, id, err, want)
		}
	}
}

func TestNewIDsAreUUIDv7AndSorted(t *testing.T) {
	last := keystore.ID{}
	for range 1000 {
		id := keystore.NewID()
		if id[6]>>4 != 7 || id[8]>>6 != 2 {
			t.Fatalf("%s is not a UUIDv7", id)
		}
		if id.String() <= last.String() {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
	}
}

func TestIDAsText(t *testing.T) {
	id, err := keystore.ParseID("0193d5e0-0000-7000-8000-00000000000f")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := json.Marshal(id); err != nil || string(b) != `"0193d5e0-0000-7000-8000-00000000000f"` {
		t.Errorf("json.Marshal = %s, %v", b, err)
	}
}

func TestStateString(t *testing.T) {
	for s, want := range map[keystore.State]string{
		0: "State(0)", keystore.Prepublished: "prepublished", keystore.Active: "active",
		keystore.Retired: "retired", keystore.Destroyed: "destroyed", 5: "State(5)",
	} {
		if got := s.String(); got != want {
			t.Errorf("State(%d).String() = %s, want %s", uint8(s), got, want)
		}
	}
}

func TestDigest(t *testing.T) {
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if got := keystore.DigestOf(nil); got.String() != empty || got.IsZero() {
		t.Errorf("DigestOf(nil) = %s, want %s", got, empty)
	}
	if !(keystore.Digest{}).IsZero() {
		t.Error("the zero Digest is not zero")
	}
}
