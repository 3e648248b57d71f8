package discovery

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
)

const day = 24 * time.Hour

func TestMaxAge(t *testing.T) {
	// by is a schedule with the next rotation so long from now.
	by := func(reason keyring.Reason, lead, next time.Duration) keyring.Schedule {
		return keyring.Schedule{Lead: lead, Reason: reason, Next: newYear.Add(next)}
	}
	for _, c := range []struct {
		name     string
		schedule keyring.Schedule
		skew     time.Duration
		age      time.Duration // of what the ring knows
		want     string
	}{
		{"an hour is the most", by(keyring.ReasonPeriod, 4*time.Hour, 30*day), 0, 0, "3600"},
		{"the lead, less skew and rounding", by(keyring.ReasonPeriod, 5*time.Minute, 30*day), 0, 0, "239"},
		{"less the age of what the ring knows", by(keyring.ReasonPeriod, 5*time.Minute, 30*day), 0, 29 * time.Second, "210"},
		{"in whole seconds, rounded down", by(keyring.ReasonPeriod, 5*time.Minute, 30*day), 0, 29*time.Second + 1, "209"},
		{"another skew", by(keyring.ReasonPeriod, 5*time.Minute, 30*day), time.Second, 0, "298"},
		{"no skew", by(keyring.ReasonPeriod, 5*time.Minute, 30*day), -1, 0, "299"},
		{"a ring that cannot refresh", by(keyring.ReasonPeriod, 5*time.Minute, 30*day), 0, time.Hour, "0"},
		{"a ring that could not refresh for hours, and a long lead", by(keyring.ReasonPeriod, 216*time.Minute, 30*day), 0, 3 * time.Hour, "2099"},
		{"no prepublication", by(keyring.ReasonPeriod, 0, 30*day), 0, 0, "0"},
		{"a lead so short that the clocks decide", by(keyring.ReasonPeriod, 18*time.Second, 30*day), 0, 0, "0"},
		{"by hand", keyring.Schedule{Lead: 4 * time.Hour}, 0, 0, "239"},
		{"by hand, with a shorter lead", keyring.Schedule{Lead: 2 * time.Minute}, 0, 0, "59"},
		{"planned by hand", by(keyring.ReasonPlanned, 4*time.Hour, day), 0, 0, "239"},
		{"the date of the next rotation", by(keyring.ReasonPeriod, 4*time.Hour, 100*time.Second), 0, 0, "100"},
		{"one that is overdue", by(keyring.ReasonPeriod, 4*time.Hour, 0), 0, 0, "3600"},
		{"by wear", by(keyring.ReasonMessages, 4*time.Hour, 4*time.Hour), 0, 0, "3600"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShelf(vk("now", "EdDSA"))
				s.schedule, s.refreshed = c.schedule, time.Now().Add(-c.age)
				p := publisher(t, s, &Options{ClockSkew: c.skew, Clock: at(newYear)})
				if got, want := get(t, p, jwksPath).Get("Cache-Control"), "public, max-age="+c.want+", must-revalidate"; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			})
		})
	}
}

// get returns the headers of an answer, which must be 200.
func get(t testing.TB, h http.Handler, path string) http.Header {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Header()
}
