package arrival_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/arrival"
)

func TestOf(t *testing.T) {
	const date = "Sun, 22 Nov 2026 03:00:00 GMT"
	for _, c := range []struct {
		date string
		want time.Time
	}{
		{date, time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)},
		{"today", time.Time{}},
		{"", time.Time{}},
	} {
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = []string{c.date} })
		for name, start := range map[string]func(http.Handler) *httptest.Server{"TLS": httptest.NewTLSServer, "in clear": httptest.NewServer} {
			s := start(handler)
			resp, err := s.Client().Get(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			leaf, clock := arrival.Of(resp)
			if !clock.Equal(c.want) {
				t.Errorf("%s, date %q: got clock %v, want %v", name, c.date, clock, c.want)
			}
			if want := s.Certificate(); (leaf == nil) != (want == nil) || leaf != nil && !leaf.Equal(want) {
				t.Errorf("%s: got certificate %v, want the server's: %v", name, leaf, want)
			}
			s.Close()
		}
	}
}
