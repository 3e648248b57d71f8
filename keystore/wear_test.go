package keystore_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keystore"
)

// The example in docs/format.md.
const wearExample = `{"format":"sealwax/wear/v1","id":"0193d5e0-0000-7000-8000-000000000200","keystore":"0193d5e0-0000-7000-8000-000000000001","begun":"2026-11-08T09:30:00Z"}
{"key":"0193d5e0-0000-7000-8000-000000000101","messages":733184,"bytes":120473600,"since":null}
{"key":"0193d5e0-0000-7000-8000-000000000102","messages":5242880,"bytes":1073741824,"since":"2026-11-08T09:30:05Z"}
{"lease":"0193d5e0-0000-7000-8000-000000000201","key":"0193d5e0-0000-7000-8000-000000000102","messages":1048576,"bytes":67108864,"until":"2026-11-22T10:10:00Z"}
`

func TestExampleOfTheWearFile(t *testing.T) {
	if text := string(readFile(t, "../docs/format.md")); !strings.Contains(text, "```jsonl\n"+wearExample+"```\n") {
		t.Error("docs/format.md does not have the example of a wear file")
	}
	w, err := keystore.ParseWear([]byte(wearExample))
	if err != nil {
		t.Fatal(err)
	}
	checkSameWear(t, []byte(wearExample), w)
	active := w.Keys[1]
	if active.Messages != 5242880 || active.Bytes != 1<<30 || !active.Since.Equal(time.Date(2026, 11, 8, 9, 30, 5, 0, time.UTC)) {
		t.Errorf("the active key is %+v", active)
	}
	if l := w.Leases[0]; l.Key != active.Key || l.Messages != 1<<20 || l.Bytes != 1<<26 {
		t.Errorf("the lease is %+v", l)
	}
}

func checkSameWear(t testing.TB, file []byte, w *keystore.Wear) {
	t.Helper()
	again, err := keystore.AppendWear([]byte("before"), w)
	if err != nil || string(again) != "before"+string(file) {
		t.Errorf("AppendWear of what ParseWear returned = %q, %v, want %q", again, err, file)
	}
}

// Each case changes the example in one place.
func TestParseWearRefuses(t *testing.T) {
	lines := strings.SplitAfter(wearExample, "\n")
	for _, c := range []struct {
		name, old, new string
		is             error
		want           string
	}{
		{"another format", "sealwax/wear/v", "sealwax/keystore/v", keystore.ErrWearDamaged, `it does not begin with {"format":"sealwax/wear/v`},
		{"another version", "wear/v1", "wear/v2", keystore.ErrWearVersion, "unknown wear file version 2, this program knows 1"},
		{"no version", "wear/v1", "wear/v", keystore.ErrWearDamaged, "its first line names no version"},
		{"nothing", wearExample, "", keystore.ErrWearDamaged, "it is empty"},
		{"a file that is not v7", "-7000-8000-000000000200", "-4000-8000-000000000200", keystore.ErrWearDamaged, "line 1, column 34, id: want a UUIDv7"},
		{"a space", `,"messages":733184`, `, "messages":733184`, keystore.ErrWearDamaged, "line 2"},
		{"a count of 2^53", "733184", "9007199254740992", keystore.ErrWearDamaged, "line 2, column 58, messages: want a number from 0 to 9007199254740991"},
		{"a negative count", "733184", "-1", keystore.ErrWearDamaged, "messages: want a number"},
		{"no since", `"since":null`, `"since":""`, keystore.ErrWearDamaged, "since: want a time"},
		{"an endless lease", `"2026-11-22T10:10:00Z"`, "null", keystore.ErrWearDamaged, "until"},
		{"keys out of order", lines[1] + lines[2], lines[2] + lines[1], keystore.ErrWearDamaged, "000101 is not in the order of IDs"},
		{"a key twice", lines[1], lines[1] + lines[1], keystore.ErrWearDamaged, "000101 is not in the order of IDs"},
		{"a lease twice", lines[3], lines[3] + lines[3], keystore.ErrWearDamaged, "a lease of 0193d5e0-0000-7000-8000-000000000201 is not in the order of holders and keys"},
		{"a lease of a key without a line", lines[2], "", keystore.ErrWearDamaged, "000102, which has no line"},
		{"a lease before a key", lines[2] + lines[3], lines[3] + lines[2], keystore.ErrWearDamaged, "want a key, a lease or the end of the file"},
		{"a line after the end", lines[3], lines[3] + "\n", keystore.ErrWearDamaged, "want a key, a lease or the end of the file"},
		{"a last line that is cut", lines[3], strings.TrimSuffix(lines[3], "\n"), keystore.ErrWearDamaged, "want a line feed"},
		{"too many leases", lines[3], manyLeases(lines[3]), keystore.ErrWearDamaged, "want at most 1024 leases"},
		{"too many bytes", lines[3], lines[3] + strings.Repeat(" ", keystore.MaxSize), keystore.ErrWearDamaged, "bytes are more than 16777216"},
	} {
		w, err := keystore.ParseWear([]byte(strings.Replace(wearExample, c.old, c.new, 1)))
		if w != nil || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: ParseWear = %v, %v, want %v: %s", c.name, w, err, c.is, c.want)
		}
	}
}

// manyLeases returns one lease more than a file may have.
func manyLeases(line string) string {
	var all strings.Builder
	for range keystore.MaxWearLeases + 1 {
		all.WriteString(strings.Replace(line, "0193d5e0-0000-7000-8000-000000000201", keystore.NewID().String(), 1))
	}
	return all.String()
}

func TestAppendWearRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *keystore.Wear)
		want   string
	}{
		{"no file", func(w *keystore.Wear) { w.ID = keystore.ID{} }, "id: there is none"},
		{"no keystore", func(w *keystore.Wear) { w.Keystore = keystore.ID{} }, "keystore: there is none"},
		{"no time", func(w *keystore.Wear) { w.Begun = time.Time{} }, "begun: the year 1 is not 1970 to 9999"},
		{"a count of 2^53", func(w *keystore.Wear) { w.Keys[0].Bytes = keystore.MaxWear + 1 }, "bytes: 9007199254740992 is not 0 to 9007199254740991"},
		{"part of a second", func(w *keystore.Wear) { w.Leases[0].Until = w.Begun.Add(1) }, "is not a whole second"},
		{"a key twice", func(w *keystore.Wear) { w.Keys = append(w.Keys, w.Keys[0]) }, "000101 is not in the order of IDs"},
		{"a lease of no key", func(w *keystore.Wear) { w.Keys = nil }, "000102, which has no line"},
		{"too many leases", func(w *keystore.Wear) {
			for range keystore.MaxWearLeases {
				l := w.Leases[0]
				l.Holder = keystore.NewID()
				w.Leases = append(w.Leases, l)
			}
		}, "lease: 1025 are more than 1024"},
		{"too many keys", func(w *keystore.Wear) {
			for range 210_000 {
				w.Keys = append(w.Keys, keystore.WornKey{Key: keystore.NewID()})
			}
		}, "bytes are more than 16777216"},
	} {
		w, err := keystore.ParseWear([]byte(wearExample))
		if err != nil {
			t.Fatal(err)
		}
		c.change(w)
		data, err := keystore.AppendWear(nil, w)
		if data != nil || err == nil || !strings.Contains(err.Error(), "keystore: cannot write a wear file: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: AppendWear = %d bytes, %v, want %s", c.name, len(data), err, c.want)
		}
	}
}

// What AppendWear writes, in whatever order it was given, ParseWear takes, and it says the same.
func TestWearRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		when := rapid.Custom(func(t *rapid.T) time.Time {
			return time.Unix(rapid.Int64Range(0, 253402300799).Draw(t, "seconds"), 0).UTC()
		})
		id := rapid.Custom(func(t *rapid.T) keystore.ID {
			return keystore.ID{3: rapid.Byte().Draw(t, "early"), 6: 0x70, 8: 0x80, 15: rapid.Byte().Draw(t, "late")}
		})
		count := rapid.Uint64Range(0, keystore.MaxWear)
		w := &keystore.Wear{ID: keystore.NewID(), Keystore: keystore.NewID(), Begun: when.Draw(t, "begun")}
		for _, key := range rapid.SliceOfNDistinct(id, 1, 5, rapid.ID).Draw(t, "keys") {
			w.Keys = append(w.Keys, keystore.WornKey{Key: key, Messages: count.Draw(t, "messages"), Bytes: count.Draw(t, "bytes")})
			if rapid.Bool().Draw(t, "seen") {
				w.Keys[len(w.Keys)-1].Since = when.Draw(t, "since")
			}
		}
		for _, holder := range rapid.SliceOfNDistinct(id, 0, 5, rapid.ID).Draw(t, "holders") {
			for _, k := range w.Keys[rapid.IntRange(0, len(w.Keys)-1).Draw(t, "from"):] {
				w.Leases = append(w.Leases, keystore.WearLease{Holder: holder, Key: k.Key,
					Messages: count.Draw(t, "messages"), Bytes: count.Draw(t, "bytes"), Until: when.Draw(t, "until")})
			}
		}
		data, err := keystore.AppendWear(nil, w)
		if err != nil {
			t.Fatal(err)
		}
		got, err := keystore.ParseWear(data)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := keystore.AppendWear(nil, got); err != nil || string(again) != string(data) {
			t.Errorf("again: %q, %v, want %q", again, err, data)
		}
		slices.SortFunc(w.Keys, func(a, b keystore.WornKey) int { return a.Key.Compare(b.Key) })
		slices.SortFunc(w.Leases, func(a, b keystore.WearLease) int {
			return bytes.Compare(append(a.Holder[:], a.Key[:]...), append(b.Holder[:], b.Key[:]...))
		})
		if !reflect.DeepEqual(got, w) {
			t.Errorf("got %+v, want %+v", got, w)
		}
	})
}

// FuzzParseWear: ParseWear never panics, answers with exactly one class, and takes only what AppendWear writes.
func FuzzParseWear(f *testing.F) {
	f.Add([]byte(wearExample))
	for line := range strings.Lines(wearExample) {
		f.Add([]byte(line))
		f.Add([]byte(strings.Replace(wearExample, line, "", 1)))
		f.Add([]byte(strings.Replace(wearExample, line, line+line, 1)))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		w, err := keystore.ParseWear(file)
		if err == nil {
			checkSameWear(t, file, w)
			return
		}
		if w != nil || errors.Is(err, keystore.ErrWearDamaged) == errors.Is(err, keystore.ErrWearVersion) {
			t.Errorf("ParseWear = %v, %v, want one class", w, err)
		}
	})
}
