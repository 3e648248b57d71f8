package discovery

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestOncePerGeneration counts how often a source is asked for its keys.
func TestOncePerGeneration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(vk("k", "EdDSA"))
		now := newYear
		p := publisher(t, s, &Options{Clock: func() time.Time { return now }, TokenLifetime: time.Hour})
		step := func(what string, asked int, want ...string) {
			t.Helper()
			for range 3 {
				get(t, p, jwksPath)
			}
			if got := kids(t, p.Documents()); s.asked != asked || !slices.Equal(got, want) {
				t.Errorf("%s: asked %d times, has %q; want %d, %q", what, s.asked, got, asked, want)
			}
		}
		step("first", 1, "k")
		now = now.Add(1000 * day)
		step("nothing to wait for", 1, "k")
		now = newYear
		s.put(vk("k2", "EdDSA"), vk("k", "EdDSA", retired(time.Minute)), vk("k0", "EdDSA", retired(time.Hour)))
		step("another generation", 2, "k2", "k", "k0")
		now = newYear.Add(7 * time.Minute)
		step("a key leaves", 3, "k2", "k")
		now = newYear.Add(66*time.Minute - 1)
		step("the other one does not yet", 3, "k2", "k")
		now = newYear.Add(66 * time.Minute)
		step("and now it does", 4, "k2")
	})
}

// journal is a log in memory.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

// TestDamageIsLoggedOnce has a key that stays damaged over generations and requests, and another one that joins it.
func TestDamageIsLoggedOnce(t *testing.T) {
	var log journal
	s := newShelf(vk("good", "EdDSA"), vk("bad", "EdDSA", damaged(errors.New("bits have flipped"))))
	p := publisher(t, s, &Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	bad := func(want ...string) {
		t.Helper()
		for range 3 {
			get(t, p, jwksPath)
		}
		for _, kid := range []string{"good", "bad", "worse"} {
			if n, want := strings.Count(log.text.String(), "kid="+kid+" "), min(1, len(slices.DeleteFunc(slices.Clone(want), func(k string) bool { return k != kid }))); n != want {
				t.Errorf("%s is logged %d times, want %d:\n%s", kid, n, want, log.text.String())
			}
		}
	}
	bad("bad")
	s.put(s.keys...)
	bad("bad")
	s.put(append(s.keys, vk("worse", "ES256", damaged(errors.New("it is gone"))))...)
	bad("bad", "worse")
	s.put(s.keys[0])
	bad("bad", "worse")
	for _, want := range []string{"level=ERROR", "a damaged verification key is left out; the others are served", `error="bits have flipped"`, `error="it is gone"`} {
		if !strings.Contains(log.text.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, log.text.String())
		}
	}
}

// TestManyAtOnce is for the race detector: requests while generations change. What is answered is of one generation,
// and damage is logged once.
func TestManyAtOnce(t *testing.T) {
	var log journal
	bad := vk("bad", "EdDSA", damaged(errors.New("bits have flipped")))
	s := newShelf(vk("a", "EdDSA"), bad)
	p := publisher(t, s, &Options{Logger: slog.New(slog.NewTextHandler(&log, nil)), Issuer: "https://example.com"})
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for range 200 {
				body := ask(p, http.MethodGet, jwksPath).Body.String()
				if a, b := strings.Contains(body, `"kid":"a"`), strings.Contains(body, `"kid":"b"`); a == b {
					t.Errorf("of no generation: %s", body)
				}
			}
		})
	}
	for range 200 {
		s.put(vk("b", "ES256"), bad)
		s.put(vk("a", "EdDSA"), bad)
	}
	asking.Wait()
	if n := strings.Count(log.text.String(), "kid=bad"); n != 1 {
		t.Errorf("the damaged key is logged %d times", n)
	}
}
