package state

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/wrappers"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// well and ill are KEKs as a file can have them.
func well(ms time.Duration) wrappers.Health {
	return wrappers.Health{Latency: ms * time.Millisecond, Answered: noon}
}

func ill(minutes time.Duration) wrappers.Health {
	return wrappers.Health{Failures: 3, Since: noon, Rests: noon.Add(minutes * time.Minute)}
}

func openHealth(t *testing.T, dir string) *HealthFile {
	t.Helper()
	f, err := OpenHealth(dir, "/srv/keystore.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantHealths(t *testing.T, f *HealthFile, want Healths) {
	t.Helper()
	got, err := f.Load()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestHealthStandsBesideWhatWasSeen(t *testing.T) {
	f := openHealth(t, "/state")
	if want := strings.TrimSuffix(open(t, "/state").Path(), ".seen") + ".health"; f.Path() != want {
		t.Errorf("got %s, want %s", f.Path(), want)
	}
	wantHealths(t, f, Healths{})
}

func TestHealthComesBack(t *testing.T) {
	f := openHealth(t, filepath.Join(t.TempDir(), "new"))
	both := ill(1)
	both.Latency, both.Answered = 1500*time.Microsecond, noon
	all := Healths{"aead.local": well(1), "transit.eu": ill(5), "transit.us": both}
	if err := f.Save(Healths{}, all); err != nil {
		t.Fatal(err)
	}
	wantHealths(t, f, all)
	text, err := os.ReadFile(f.Path())
	if want := `sealwax-health/1
aead.local latency 1ms answered 2026-11-22T12:00:00Z
transit.eu failures 3 since 2026-11-22T12:00:00Z rests 2026-11-22T12:05:00Z
transit.us latency 1.5ms answered 2026-11-22T12:00:00Z failures 3 since 2026-11-22T12:00:00Z rests 2026-11-22T12:01:00Z
`; err != nil || string(text) != want {
		t.Errorf("got %s, %v\nwant %s", text, err, want)
	}
	if info, err := os.Stat(f.Path()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v; want mode 0600", info.Mode(), err)
	}
}

// TestHealthSurvivesAnything reads files that nobody wrote like that, and saves over them.
func TestHealthSurvivesAnything(t *testing.T) {
	good := string(formatHealths(Healths{"a": well(20), "b": ill(5)}))
	for _, text := range []string{
		"", "\n", "sealwax-health/1", "sealwax-health/2\n", "sealwax-health/1\n\n", good + "\n", good + good,
		strings.TrimSuffix(good, "\n"), strings.ReplaceAll(good, "20ms", "20000µs"), strings.ReplaceAll(good, "20ms", "-20ms"),
		strings.ReplaceAll(good, "failures 3", "failures 0"), strings.ReplaceAll(good, "2026", "99999"),
		strings.ReplaceAll(good, "12:00:00Z", "13:00:00+01:00"), strings.ReplaceAll(good, " since", "  since"),
		strings.ReplaceAll(good, "latency", "speed"), "sealwax-health/1\n" + strings.Repeat("x", maxHealthSize),
	} {
		f := openHealth(t, t.TempDir())
		if err := os.WriteFile(f.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Load(); err == nil || len(got) != 0 || !strings.HasSuffix(err.Error(), ".health: damaged, or of another version") {
			t.Errorf("%.80q: got %v, %v", text, got, err)
		}
		if err := f.Save(Healths{}, Healths{"a": well(1)}); err != nil {
			t.Error(err)
		}
		wantHealths(t, f, Healths{"a": well(1)})
	}
}

func TestParseHealthsOfWhatIsFormatted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.Map(rapid.Int64Range(-1e9, 1e10), func(s int64) time.Time { return time.Unix(s, 0).UTC() })
		all := Healths{}
		for i := range rapid.IntRange(0, 5).Draw(t, "keks") {
			var h wrappers.Health
			if rapid.Bool().Draw(t, "answered") {
				h.Latency = time.Duration(rapid.Int64Range(1, 1e9).Draw(t, "latency")) * time.Microsecond
				h.Answered = seconds.Draw(t, "when")
			}
			if rapid.Bool().Draw(t, "failed") {
				h.Failures, h.Since, h.Rests = rapid.IntRange(1, 1e6).Draw(t, "failures"), seconds.Draw(t, "since"), seconds.Draw(t, "rests")
			}
			all[fmt.Sprintf("transit.%d", i)] = h
		}
		if got, err := parseHealths(formatHealths(all)); err != nil || !reflect.DeepEqual(got, all) {
			t.Fatalf("got %+v, %v\nwant %+v", got, err, all)
		}
	})
}

// TestHealthIsWrittenWhenItMatters saves over a file and looks whether it is another one then.
func TestHealthIsWrittenWhenItMatters(t *testing.T) {
	later := well(20)
	later.Answered = noon.Add(31 * time.Minute)
	soon := well(20)
	soon.Answered = noon.Add(29 * time.Minute)
	before := Healths{"a": well(20), "b": ill(5)}
	for _, c := range []struct {
		name  string
		after Healths
		write bool
	}{
		{"the same", Healths{"a": well(20), "b": ill(5)}, false},
		{"a bit slower", Healths{"a": well(29), "b": ill(5)}, false},
		{"much slower", Healths{"a": well(31), "b": ill(5)}, true},
		{"measured again soon", Healths{"a": soon, "b": ill(5)}, false},
		{"measured again", Healths{"a": later, "b": ill(5)}, true},
		{"failed", Healths{"a": ill(5), "b": ill(5)}, true},
		{"failed again", Healths{"a": well(20), "b": ill(9)}, true},
		{"came back", Healths{"a": well(20), "b": well(20)}, true},
		{"a new one", Healths{"a": well(20), "b": ill(5), "c": well(1)}, true},
		{"a new one of which nothing is known", Healths{"a": well(20), "b": ill(5), "c": {}}, false},
		{"one less", Healths{"a": well(20)}, true},
	} {
		f := openHealth(t, t.TempDir())
		if err := f.Save(Healths{}, before); err != nil {
			t.Fatal(err)
		}
		first, _ := os.Stat(f.Path())
		if err := f.Save(before, c.after); err != nil {
			t.Fatal(err)
		}
		if second, _ := os.Stat(f.Path()); os.SameFile(first, second) == c.write {
			t.Errorf("%s: written is %v, want %v", c.name, !c.write, c.write)
		}
	}
}

// A command that knows nothing new of a KEK leaves what another one has found out meanwhile.
func TestHealthOfTwoCommands(t *testing.T) {
	f := openHealth(t, t.TempDir())
	found := Healths{"a": well(20), "b": well(20)}
	for _, after := range []Healths{found, {"a": ill(5), "b": well(20)}, {"a": well(20), "b": ill(9)}} {
		if err := f.Save(found, after); err != nil {
			t.Fatal(err)
		}
	}
	wantHealths(t, f, Healths{"a": ill(5), "b": ill(9)})
}

func TestHealthThatCannotBeKept(t *testing.T) {
	all := Healths{}
	for i := range 1000 {
		all[fmt.Sprintf("transit.%064d", i)] = ill(5)
	}
	err := openHealth(t, t.TempDir()).Save(Healths{}, all)
	if err == nil || err.Error() != "state: the health of 1000 KEKs takes more than 32768 bytes" {
		t.Errorf("got %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err = openHealth(t, file).Save(Healths{}, Healths{"a": ill(5)})
	if err == nil || !strings.HasPrefix(err.Error(), "state: mkdir ") {
		t.Errorf("got %v, want that there is no folder", err)
	}
	f := openHealth(t, t.TempDir())
	if err := os.Mkdir(f.Path(), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Load(); err == nil || !strings.HasPrefix(err.Error(), "state: read ") {
		t.Errorf("got %v, want that it is no file", err)
	}
	err = f.Save(Healths{}, Healths{"a": ill(5)})
	if err == nil || !strings.HasPrefix(err.Error(), "state: remember the health of KEKs: ") {
		t.Errorf("got %v", err)
	}
}

func FuzzParseHealths(f *testing.F) {
	f.Add(formatHealths(nil))
	f.Add(formatHealths(Healths{"aead.local": well(20), "transit.eu": ill(5)}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if all, err := parseHealths(data); err == nil && string(formatHealths(all)) != string(data) {
			t.Errorf("took %q for %v", data, all)
		}
	})
}
