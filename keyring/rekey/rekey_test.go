package rekey

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// mustRun runs a rekey that has to end without an error.
func mustRun(t testing.TB, ring *keyring.Ring, src source.Source, o *Options) *Report {
	t.Helper()
	r, err := Run(context.Background(), ring, src, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func wantCounts(t testing.TB, got, want Counts) {
	t.Helper()
	if got.Bytes, want.Bytes = 0, 0; got != want {
		t.Fatalf("counts are %+v, want %+v", got, want)
	}
}

func TestEveryMessageMovesToTheActiveKey(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{}
	m.fill(t, ring, 500)
	rotate(t, ring)
	m.fill(t, ring, 500)
	active := rotate(t, ring)
	m.fill(t, ring, 500)

	var bytes int64
	for _, msg := range m.messages[:1000] {
		bytes += int64(len(msg))
	}
	r := mustRun(t, ring, m, nil)
	wantCounts(t, r.Counts, Counts{Records: 1500, Resealed: 1000, Current: 500})
	if r.Bytes != bytes || r.Cursor != cursor(1499) || m.replaces != 1000 {
		t.Errorf("%d bytes up to %s with %d replacements, want %d, %s, 1000", r.Bytes, r.Cursor, m.replaces, bytes, cursor(1499))
	}
	wantAllUnder(t, ring, active, m, 0)

	r = mustRun(t, ring, m, nil)
	wantCounts(t, r.Counts, Counts{Records: 1500, Current: 1500})
	if m.replaces != 1000 {
		t.Errorf("the second run replaced %d records, want none", m.replaces-1000)
	}
}

func TestAnEmptySource(t *testing.T) {
	r := mustRun(t, newRing(t, nil), &memory{}, nil)
	wantCounts(t, r.Counts, Counts{})
	if r.Cursor != "" {
		t.Errorf("cursor is %q", r.Cursor)
	}
}

func TestSomeKeysOnly(t *testing.T) {
	ring := newRing(t, nil)
	compromised, err := ring.ActiveKey()
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{}
	m.fill(t, ring, 10)
	rotate(t, ring)
	m.fill(t, ring, 20)
	active := rotate(t, ring)
	m.fill(t, ring, 30)

	r := mustRun(t, ring, m, &Options{Keys: []keystore.ID{compromised}})
	wantCounts(t, r.Counts, Counts{Records: 60, Resealed: 10, Other: 20, Current: 30})
	wantAllUnder(t, ring, active, &memory{messages: m.messages[:10], places: m.places}, 0)
}

// TestSomeKeysOnlyOfMessages does not count as a failure what is no message, and so of no key: a README beside
// messages. What nobody can read may be of any.
func TestSomeKeysOnlyOfMessages(t *testing.T) {
	ring := newRing(t, nil)
	compromised, err := ring.ActiveKey()
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{unread: map[int]error{1: fmt.Errorf("%w: empty", source.ErrNoMessage), 2: errors.New("permission denied")}}
	m.fill(t, ring, 5)
	m.messages[3] = []byte("README")
	rotate(t, ring)
	r := mustRun(t, ring, m, &Options{Keys: []keystore.ID{compromised}})
	wantCounts(t, r.Counts, Counts{Records: 5, Resealed: 2, Other: 2, Failed: 1})
	if len(r.Failures) != 1 || r.Failures[0].Where != m.record(2).Where {
		t.Errorf("failures are %v", r.Failures)
	}
}

func TestDryRunWritesNothingAndFindsWhatWouldFail(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{}
	m.fill(t, ring, 300)
	m.messages[7][40] ^= 1
	rotate(t, ring)
	m.fill(t, ring, 10)

	r := mustRun(t, ring, m, &Options{DryRun: true, Rate: 1e-9}) // nothing is replaced, so there is no rate
	wantCounts(t, r.Counts, Counts{Records: 310, Resealed: 299, Current: 10, Failed: 1})
	if m.replaces != 0 || m.flushes != 0 || r.Superseded != 0 {
		t.Errorf("a dry run made %d replacements and %d flushes, %d superseded", m.replaces, m.flushes, r.Superseded)
	}
	real := mustRun(t, ring, m, nil)
	wantCounts(t, real.Counts, r.Counts)
}

func TestBadRecordsAreReportedAndSkipped(t *testing.T) {
	ring := newRing(t, nil)
	destroyed, err := ring.ActiveKey()
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{unread: map[int]error{5: errors.New("permission denied")}}
	m.fill(t, ring, 1)
	rotate(t, ring)
	if err := ring.DestroyForced(t.Context(), destroyed, nil); err != nil {
		t.Fatal(err)
	}
	m.fill(t, ring, 2000)
	m.messages[1][50] ^= 1             // not authentic
	m.messages[2][0] = 9               // another format
	m.messages[3] = m.messages[3][:16] // too short
	m.messages[4][5] ^= 1              // an unknown key
	m.places[6] = place(7)             // moved
	m.places[7] = keyring.Binding{}    // a source with a fault
	for i := 100; i < 2000; i += 100 { // and one in a hundred
		m.messages[i][len(m.messages[i])-1] ^= 1
	}
	m.onReplace = func(i int) error {
		if i == 8 {
			return errors.New("disk full")
		}
		return nil
	}
	active := rotate(t, ring)

	r := mustRun(t, ring, m, nil)
	wantCounts(t, r.Counts, Counts{Records: 2001, Resealed: 2001 - 9 - 19, Failed: 9 + 19})
	for i, want := range []string{
		"key was destroyed", "not authentic", "format 0x09", "16 bytes", "unknown key", "permission denied", "not authentic", "zero binding", "disk full",
	} {
		f := r.Failures[i]
		if f.Where != fmt.Sprintf("default/app/%d", i) || !strings.Contains(f.Cause.Error(), want) {
			t.Errorf("failure %d is %s: %v; want %q", i, f.Where, f.Cause, want)
		}
	}
	for i, want := range []error{keyring.ErrKeyDestroyed, keyring.ErrOpen, keyring.ErrFormat, keyring.ErrFormat, keyring.ErrUnknownKey} {
		if !errors.Is(r.Failures[i].Cause, want) {
			t.Errorf("failure %d is %v, want %v", i, r.Failures[i].Cause, want)
		}
	}
	except := []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	for i := 100; i < 2000; i += 100 {
		except = append(except, i)
	}
	wantAllUnder(t, ring, active, m, 0, except...)
}

func TestFailuresAreBounded(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{}
	m.fill(t, ring, 3*maxFailures)
	for _, msg := range m.messages {
		msg[60] ^= 1
	}
	rotate(t, ring)
	r := mustRun(t, ring, m, nil)
	wantCounts(t, r.Counts, Counts{Records: 3 * maxFailures, Failed: 3 * maxFailures})
	if len(r.Failures) != maxFailures {
		t.Errorf("%d failures are listed, want %d", len(r.Failures), maxFailures)
	}
}

func TestWalkThatEndsEarlyKeepsItsWork(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{walkEnds: errors.New("disk has gone")}
	m.fill(t, ring, 200)
	active := rotate(t, ring)
	r, err := Run(t.Context(), ring, m, nil)
	if err == nil || err.Error() != "rekey memory: disk has gone" {
		t.Errorf("error is %v", err)
	}
	wantCounts(t, r.Counts, Counts{Records: 200, Resealed: 200})
	wantAllUnder(t, ring, active, m, 0)
	if m.flushes != 1 {
		t.Errorf("%d flushes", m.flushes)
	}
}

func TestAReadOnlySourceEndsTheRun(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{}
	m.fill(t, ring, 200)
	rotate(t, ring)
	_, err := Run(t.Context(), ring, source.ReadOnly(m), nil)
	if !errors.Is(err, source.ErrReadOnly) {
		t.Errorf("error is %v", err)
	}
}

// TestWhatEveryRecordWouldMeetEndsTheRun also finds what was done before flushed, once, and nothing counted as failed.
func TestWhatEveryRecordWouldMeetEndsTheRun(t *testing.T) {
	for _, c := range []struct{ at, flushes int }{{0, 0}, {100, 1}} {
		ring := newRing(t, nil)
		m := &memory{}
		m.fill(t, ring, 200)
		rotate(t, ring)
		m.onReplace = func(i int) error {
			if i >= c.at {
				return fmt.Errorf("%w: disk full", source.ErrUnwritable)
			}
			return nil
		}
		r, err := Run(t.Context(), ring, m, nil)
		want := fmt.Sprintf("rekey memory: replace %s: nothing can be replaced there now: disk full", m.record(c.at).Where)
		if err == nil || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
		wantCounts(t, r.Counts, Counts{Records: int64(c.at), Resealed: int64(c.at)})
		if m.replaces > c.at+1 || m.flushes != c.flushes {
			t.Errorf("at %d: %d replacements and %d flushes, want %d", c.at, m.replaces, m.flushes, c.flushes)
		}
	}
}

// TestABrokenCopySaysSoOnce has Replace and Flush of one source end with the same error.
func TestABrokenCopySaysSoOnce(t *testing.T) {
	ring := newRing(t, nil)
	broken := fmt.Errorf("%w: disk full", source.ErrUnwritable)
	m := &memory{onFlush: func() error { return broken }}
	m.fill(t, ring, 200)
	rotate(t, ring)
	m.onReplace = func(i int) error {
		if i < 100 {
			return nil
		}
		return broken
	}
	r, err := Run(t.Context(), ring, m, nil)
	if want := "rekey memory: flush: nothing can be replaced there now: disk full"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	wantCounts(t, r.Counts, Counts{})
}

func TestOptionsThatCannotBeMeant(t *testing.T) {
	for want, o := range map[string]*Options{
		"Options.Rate is -1":         {Rate: -1},
		"Options.Rate is NaN":        {Rate: nan},
		"Options.Rate is +Inf":       {Rate: inf},
		"Options.Workers is -1":      {Workers: -1},
		"Options.FlushEvery is -1s,": {FlushEvery: -1e9},
	} {
		r, err := Run(t.Context(), newRing(t, nil), &memory{}, o)
		if err == nil || !strings.Contains(err.Error(), want) || r == nil {
			t.Errorf("%+v: report %v, error %v; want %q", o, r, err, want)
		}
	}
}
