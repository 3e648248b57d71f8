package discovery

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

const day = 24 * time.Hour

func TestMaxAge(t *testing.T) {
	activated := func(ago time.Duration) keyring.VerificationKey {
		return vk("now", "EdDSA", func(k *keyring.VerificationKey) { k.Activated = time.Now().Add(-ago) })
	}
	planned := func(in time.Duration) keyring.VerificationKey {
		return vk("next", "EdDSA", func(k *keyring.VerificationKey) {
			k.State, k.Activates, k.Activated = keystore.Prepublished, time.Now().Add(in), time.Time{}
		})
	}
	for _, c := range []struct {
		name     string
		rotation keyring.Rotation
		skew     time.Duration
		age      time.Duration // of what the ring knows
		keys     func() []keyring.VerificationKey
		want     string
	}{
		{"an hour is the most", keyring.Rotation{Period: 30 * day}, 0, 0, nil, "3600"},
		{"a 200th of the period, less skew and rounding", keyring.Rotation{Period: 2000 * time.Minute}, 0, 0, nil, "539"},
		{"prepublication shorter than that", keyring.Rotation{Period: 30 * day, Prepublish: 5 * time.Minute}, 0, 0, nil, "239"},
		{"less the age of what the ring knows", keyring.Rotation{Period: 30 * day, Prepublish: 5 * time.Minute}, 0, 29 * time.Second, nil, "210"},
		{"in whole seconds, rounded down", keyring.Rotation{Period: 30 * day, Prepublish: 5 * time.Minute}, 0, 29*time.Second + 1, nil, "209"},
		{"another skew", keyring.Rotation{Period: 30 * day, Prepublish: 5 * time.Minute}, time.Second, 0, nil, "298"},
		{"a ring that cannot refresh", keyring.Rotation{Period: 30 * day, Prepublish: 5 * time.Minute}, 0, time.Hour, nil, "0"},
		{"a ring that could not refresh for an hour, and a long lead", keyring.Rotation{Period: 30 * day}, 0, 3 * time.Hour, nil, "2099"},
		{"no prepublication", keyring.Rotation{Period: 30 * day, Prepublish: -1}, 0, 0, nil, "0"},
		{"a period so short that the clocks decide", keyring.Rotation{Period: time.Hour}, 0, 0, nil, "0"},
		{"by hand", keyring.Rotation{}, 0, 0, nil, "239"},
		{"the end of the period", keyring.Rotation{Period: 30 * day}, 0, 0,
			func() []keyring.VerificationKey {
				return []keyring.VerificationKey{activated(30*day - 100*time.Second)}
			}, "100"},
		{"overdue", keyring.Rotation{Period: 30 * day}, 0, 0,
			func() []keyring.VerificationKey { return []keyring.VerificationKey{activated(31 * day)} }, "3600"},
		{"the date of the next key", keyring.Rotation{Period: 30 * day}, 0, 0,
			func() []keyring.VerificationKey {
				return []keyring.VerificationKey{activated(0), planned(50 * time.Second)}
			}, "50"},
		{"the earlier of two dates", keyring.Rotation{Period: 30 * day}, 0, 0,
			func() []keyring.VerificationKey {
				return []keyring.VerificationKey{activated(0), planned(70 * time.Second), planned(60 * time.Second), planned(80 * time.Second)}
			}, "60"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				keys := []keyring.VerificationKey{activated(0)}
				if c.keys != nil {
					keys = c.keys()
				}
				s := newShelf(keys...)
				p := publisher(t, s, &Options{Rotation: c.rotation, ClockSkew: c.skew})
				s.refreshed = time.Now().Add(-c.age)
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
