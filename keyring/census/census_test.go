package census

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keyring/source/sourcetest"
	"github.com/sealwax/sealwax/keystore"
)

func sources(s ...source.Source) []source.Source { return s }

func mustTake(t *testing.T, w *world, s ...source.Source) *Report {
	t.Helper()
	report, err := Take(t.Context(), w.ring, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestTakeCountsByKey(t *testing.T) {
	w := newWorld(t, nil)
	first := w.active(t)
	live, backup := sourcetest.NewMemory(seal(t, w.ring, "default", 300, 100)), sourcetest.NewMemory(seal(t, w.ring, "default", 7, 0))
	second := w.rotate(t)
	for _, m := range seal(t, w.ring, "ops", 50, 1000) {
		live.Put(m, nil)
	}
	began := w.now
	report := mustTake(t, w, live, backup)
	want := map[keystore.ID]keyring.Count{
		first:  {Messages: 307, Bytes: 300*(100+keyring.Overhead) + 7*keyring.Overhead},
		second: {Messages: 50, Bytes: 50 * (1000 + keyring.Overhead)},
	}
	for id, n := range want {
		if report.Keys[id] != n {
			t.Errorf("key %s: got %+v, want %+v", id, report.Keys[id], n)
		}
	}
	if total := (keyring.Count{Messages: 357, Bytes: want[first].Bytes + want[second].Bytes}); report.Total != total {
		t.Errorf("in all %+v, want %+v", report.Total, total)
	}
	if len(report.Keys) != 2 || report.Unopened != 0 || report.Unread != 0 || len(report.Unopenable) != 0 {
		t.Errorf("%d keys, %d unopened, %d unread, %v", len(report.Keys), report.Unopened, report.Unread, report.Unopenable)
	}
	if report.Keystore != w.ring.ID() || !report.Begun.Equal(began) || report.Ended.IsZero() || !slices.Equal(report.Sources, []string{"memory", "memory"}) {
		t.Errorf("census %+v", report.Census)
	}
	lines := report.Lines()
	if len(lines) != 2 || lines[0].Key.ID != first || lines[0].Key.State != keystore.Retired || lines[1].Key.State != keystore.Active ||
		lines[1].Count != want[second] || !lines[0].Known {
		t.Errorf("lines %+v", lines)
	}
}

// TestTakeAllowsDestruction goes the whole way of a key.
func TestTakeAllowsDestruction(t *testing.T) {
	w := newWorld(t, nil)
	old := w.active(t)
	m := seal(t, w.ring, "default", 1, 10)[0]
	s := sourcetest.NewMemory([]sourcetest.Message{m})
	w.rotate(t)
	refuse := func(want string) {
		t.Helper()
		if err := w.ring.Destroy(t.Context(), old, &mustTake(t, w, s).Census); !errors.Is(err, keyring.ErrKeyInUse) || !strings.Contains(err.Error(), want) {
			t.Errorf("Destroy = %v, want %q", err, want)
		}
	}
	refuse("the census counted 1 message of it")
	s.Put(seal(t, w.ring, "default", 1, 10)[0], nil)
	refuse("others may have sealed with it until")
	w.now = w.now.Add(time.Hour)
	s.Put(sourcetest.Message{Namespace: "default", Path: "lost"}, fs.ErrPermission)
	refuse("the census could not read 1 record, which may be sealed with it: see which with 'keyring census'")
	s.Put(sourcetest.Message{Namespace: "default", Path: "lost"}, source.ErrNoMessage)
	if err := w.ring.Destroy(t.Context(), old, &mustTake(t, w, s).Census); err != nil {
		t.Fatal(err)
	}
	s.Put(m, nil)
	report := mustTake(t, w, s)
	if u := report.Unopenable; len(u) != 2 || u[0].Cause != CauseDestroyedKey || u[0].KeyID != old || report.Keys[old].Messages != 1 {
		t.Errorf("after the destruction: %+v", u)
	}
}

func TestUnopenable(t *testing.T) {
	w, stranger := newWorld(t, nil), newWorld(t, nil)
	ms := seal(t, w.ring, "default", 200, 10)
	s := sourcetest.NewMemory(ms)
	at := func(i int) sourcetest.Message { return sourcetest.Message{Namespace: "default", Path: ms[i].Path} }
	spoil := func(i int, sealed []byte, err error) {
		m := at(i)
		m.Sealed = sealed
		s.Put(m, err)
	}
	flipped := slices.Clone(ms[3].Sealed)
	flipped[len(flipped)-1] ^= 1
	foreign := seal(t, stranger.ring, "default", 1, 10)[0].Sealed
	spoil(3, flipped, nil)
	spoil(70, ms[71].Sealed, nil)
	spoil(90, foreign, nil)
	spoil(91, foreign, nil)
	spoil(110, []byte("hello"), nil)
	spoil(111, nil, fs.ErrPermission)
	spoil(199, nil, source.ErrNoMessage)
	report := mustTake(t, w, s)
	mine, theirs := w.active(t), stranger.active(t)
	want := []Unopenable{
		{"memory: default/app/3", mine, CauseNotAuthentic, keyring.ErrOpen},
		{"memory: default/app/70", mine, CauseNotAuthentic, keyring.ErrOpen},
		{"memory: default/app/90", theirs, CauseUnknownKey, keyring.ErrUnknownKey},
		{"memory: default/app/91", theirs, CauseUnknownKey, keyring.ErrUnknownKey},
		{"memory: default/app/110", keystore.ID{}, CauseNoMessage, keyring.ErrFormat},
		{"memory: default/app/111", keystore.ID{}, CauseUnreadable, fs.ErrPermission},
		{"memory: default/app/199", keystore.ID{}, CauseNoMessage, source.ErrNoMessage},
	}
	if len(report.Unopenable) != len(want) || report.Unopened != uint64(len(want)) || report.Unread != 1 {
		t.Fatalf("%d listed, %d unopened, %d unread", len(report.Unopenable), report.Unopened, report.Unread)
	}
	for i, u := range report.Unopenable {
		if !errors.Is(u.Err, want[i].Err) {
			t.Errorf("%s: %v, want %v", u.Where, u.Err, want[i].Err)
		}
		if u.Err, want[i].Err = nil, nil; u != want[i] {
			t.Errorf("got %+v, want %+v", u, want[i])
		}
	}
	if report.Total.Messages != 197 || report.Keys[mine].Messages != 195 || report.Keys[theirs].Messages != 2 {
		t.Errorf("%d messages, %d of our key, %d of theirs", report.Total.Messages, report.Keys[mine].Messages, report.Keys[theirs].Messages)
	}
	if lines := report.Lines(); len(lines) != 2 || lines[1].Known || lines[1].Key.ID != theirs || lines[1].Count.Messages != 2 {
		t.Errorf("lines %+v", lines)
	}
}

func TestCauses(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Cause
	}{
		{keyring.ErrKeyUnusable, CauseUnusableKey},
		{keyring.ErrClosed, CauseUnreadable},
		{errors.Join(errors.New("file is odd"), source.ErrNoMessage), CauseNoMessage},
	} {
		if got := causeOf(c.err); got != c.want {
			t.Errorf("%v: got %s, want %s", c.err, got, c.want)
		}
	}
}

// TestListIsBounded has more that does not open than the list may hold, and keys that nobody knows.
func TestListIsBounded(t *testing.T) {
	w := newWorld(t, nil)
	const n = 2*maxForeign + 500
	var ms []sourcetest.Message
	for range n {
		msg := make([]byte, 60)
		rand.Read(msg)
		msg[0] = 0x01
		ms = append(ms, sourcetest.Message{Namespace: "default", Path: "p", Sealed: msg})
	}
	report, err := Take(t.Context(), w.ring, sources(sourcetest.NewMemory(ms)), &Options{MaxUnopenable: 1000, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Unopenable) != 1000 || report.Unopened != n || report.Total.Messages != n {
		t.Errorf("%d listed of %d, of %d messages", len(report.Unopenable), report.Unopened, report.Total.Messages)
	}
	for i, u := range report.Unopenable {
		if got := u.KeyID; string(got[:]) != string(ms[i].Sealed[1:17]) {
			t.Fatalf("%d of the list is not that of the source", i)
		}
	}
	if got, others := len(report.Keys), report.Keys[keystore.ID{}].Messages; got > maxForeign+2 || others != n-maxForeign {
		t.Errorf("%d keys are counted apart, and %d messages of others, want %d", got, others, n-maxForeign)
	}
}

// failing is a source that cannot be read to its end.
func failing(ms []sourcetest.Message, err error) source.Source {
	s := sourcetest.NewMemory(ms)
	s.Fail(err)
	return s
}

func TestASourceThatFailsEndsNothingAndFinishesNothing(t *testing.T) {
	w := newWorld(t, nil)
	old := w.active(t)
	ms := seal(t, w.ring, "default", 3, 10)
	w.rotate(t)
	w.now = w.now.Add(time.Hour)
	broken := errors.New("folder ops: permission denied")
	report, err := Take(t.Context(), w.ring, sources(failing(nil, broken), sourcetest.NewMemory(ms)), nil)
	if !errors.Is(err, broken) || err.Error() != "census: not finished: memory: folder ops: permission denied" {
		t.Errorf("Take = %v", err)
	}
	if report.Keys[old].Messages != 3 || !report.Ended.IsZero() || len(report.Sources) != 1 {
		t.Errorf("report %+v", report.Census)
	}
	delete(report.Keys, old)
	if err := w.ring.Destroy(t.Context(), old, &report.Census); !errors.Is(err, keyring.ErrKeyInUse) || !strings.Contains(err.Error(), "not finished") {
		t.Errorf("Destroy = %v", err)
	}
}

func TestTakeEndsWithItsContext(t *testing.T) {
	w := newWorld(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := sourcetest.NewMemory(seal(t, w.ring, "default", 1000, 10))
	report, err := Take(ctx, w.ring, sources(s, s), &Options{OnProgress: func(Progress) { cancel() }})
	if !errors.Is(err, context.Canceled) || !report.Ended.IsZero() || len(report.Sources) != 0 {
		t.Errorf("Take = %v, %+v", err, report.Census)
	}
	if got := report.Total.Messages; got == 0 || got > 3*batchRecords {
		t.Errorf("%d messages were counted", got)
	}
}

func TestTakeOnAClosedRing(t *testing.T) {
	w := newWorld(t, nil)
	w.ring.Close()
	if report, err := Take(t.Context(), w.ring, nil, nil); report != nil || !errors.Is(err, keyring.ErrClosed) {
		t.Errorf("Take = %+v, %v, want nil and ErrClosed", report, err)
	}
}

// TestOthersRotateMeanwhile has messages of a key that is made while the census is under way.
func TestOthersRotateMeanwhile(t *testing.T) {
	w := newWorld(t, nil)
	s := sourcetest.NewMemory(seal(t, w.ring, "default", 100, 10))
	rotated := false
	report, err := Take(t.Context(), w.other, sources(s), &Options{OnProgress: func(Progress) {
		if !rotated {
			rotated = true
			w.rotate(t)
			for _, m := range seal(t, w.ring, "ops", 100, 10) {
				s.Put(m, nil)
			}
		}
	}})
	if err != nil || report.Unopened != 0 || report.Total.Messages != 200 || report.Keys[w.active(t)].Messages != 100 {
		t.Errorf("Take = %v, %d unopened of %d", err, report.Unopened, report.Total.Messages)
	}
	if lines := report.Lines(); len(lines) != 2 || !lines[1].Known {
		t.Errorf("lines %+v", lines)
	}
}

// TestStoreFailsMeanwhile has a message of an unknown key, about which the keystore cannot be asked any more.
func TestStoreFailsMeanwhile(t *testing.T) {
	w, stranger := newWorld(t, nil), newWorld(t, nil)
	s := sourcetest.NewMemory(append(seal(t, w.ring, "default", 100, 10), seal(t, stranger.ring, "theirs", 1, 10)...))
	broken := errors.New("input/output error")
	report, err := Take(t.Context(), w.ring, sources(s), &Options{OnProgress: func(Progress) { w.store.fails.Store(&broken) }})
	if err != nil || len(report.Unopenable) != 1 || report.Total.Messages != 101 {
		t.Fatalf("Take = %v, %+v", err, report)
	}
	u := report.Unopenable[0]
	if u.Cause != CauseUnknownKey || !errors.Is(u.Err, broken) || !strings.Contains(u.Err.Error(), ", as of the last look at the keystore: ") {
		t.Errorf("got %+v", u)
	}
	if report, err := Take(t.Context(), w.ring, nil, nil); report != nil || !errors.Is(err, broken) {
		t.Errorf("then Take = %+v, %v", report, err)
	}
}

func TestProgress(t *testing.T) {
	w := newWorld(t, nil)
	var last Progress
	calls := 0
	s := sourcetest.NewMemory(seal(t, w.ring, "default", 1000, 10))
	_, err := Take(t.Context(), w.ring, sources(s, s), &Options{OnProgress: func(p Progress) {
		if p.Records < last.Records || p.Source != "memory" {
			t.Errorf("after %+v comes %+v", last, p)
		}
		last = p
		calls++
	}})
	if err != nil || last.Records != 2000 || last.Bytes != 2000*(10+keyring.Overhead) || calls < 10 {
		t.Errorf("%d calls, the last with %+v; %v", calls, last, err)
	}
}
