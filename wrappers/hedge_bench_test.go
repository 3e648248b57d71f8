package wrappers

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// nearby is how long the KEK that is well takes: a KMS in the same region, on a warm connection.
const nearby = 20 * time.Millisecond

// BenchmarkOneKEKDead measures a start with two KEKs of which the first in the config is dead, over real sockets:
//
//	go test -run '^$' -bench OneKEKDead -benchtime 400x ./wrappers
//
// Twenty starts are under way at a time, since they mostly wait. Each has KEKs of its own, as a new process has, with or
// without the health that one before it remembered.
func BenchmarkOneKEKDead(b *testing.B) {
	well := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(nearby) }))
	defer well.Close()
	for _, dead := range []struct{ name, url string }{{"silent", silentURL(b)}, {"refused", refusedURL(b)}} {
		for _, delay := range []time.Duration{100 * time.Millisecond, time.Second} {
			for _, remembered := range []bool{false, true} {
				b.Run(fmt.Sprintf("%s/delay=%v/remembered=%v", dead.name, delay, remembered), func(b *testing.B) {
					s := &starts{urls: []string{dead.url, well.URL}, delay: delay}
					if remembered {
						s.healths[0] = s.start(b, nil)
					}
					report(b, s.run(b))
				})
			}
		}
	}
}

// silentURL is of a listener whose connections nobody accepts: the kernel opens them, and that is all.
func silentURL(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return "http://" + l.Addr().String()
}

// refusedURL is of a port that was somebody's a moment ago.
func refusedURL(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

// starts are many of one kind.
type starts struct {
	urls    []string // of the KEKs, in the order of the config
	delay   time.Duration
	healths [2]Health // what each start begins with
}

// run makes b.N starts and returns how long each took.
func (s *starts) run(b *testing.B) []time.Duration {
	took := make([]time.Duration, b.N)
	places := make(chan struct{}, 20)
	var all sync.WaitGroup
	b.ResetTimer()
	for i := range took {
		places <- struct{}{}
		all.Go(func() {
			s.start(b, &took[i])
			<-places
		})
	}
	all.Wait()
	b.StopTimer()
	return took
}

// start opens once, and returns what it learned about the first KEK.
func (s *starts) start(b *testing.B, took *time.Duration) Health {
	var candidates []Candidate
	for i, url := range s.urls {
		k, err := New(&schemer{remote(url), "fake/1"}, &Options{Provider: "fake", Name: fmt.Sprint(i), Health: s.healths[i]})
		if err != nil {
			b.Error(err)
			return Health{}
		}
		defer k.Close()
		candidates = append(candidates, Candidate{k, blob})
	}
	began := time.Now()
	_, err := UnwrapFirst(b.Context(), candidates, nil, anything, &HedgeOptions{Delay: s.delay})
	if took != nil {
		*took = time.Since(began)
	}
	if err != nil {
		b.Error(err)
	}
	return candidates[0].KEK.Health()
}

// remote is a wrapper that asks a server, on a connection of its own.
func remote(url string) *fake {
	f := newFake()
	f.decrypt = func(ctx context.Context, _ []byte) ([]byte, error) {
		transport := &http.Transport{DisableKeepAlives: true}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		response, err := transport.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		return []byte("x"), response.Body.Close()
	}
	return f
}

func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(took[len(took)/2]), "median-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), "99th-ms")
	b.ReportMetric(0, "ns/op") // which would be of twenty at a time
}
