package wrappers_test

import (
	"context"
	"expvar"
	"fmt"
	"log"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// The text that Prometheus scrapes, from what KEKs have counted. A metrics library can be given the same numbers.
func ExampleKEK_Stats() {
	kek, err := wrappers.New(wrapping.NewTestWrapper([]byte("secret")), &wrappers.Options{Provider: "transit", Name: "eu"})
	if err != nil {
		log.Fatal(err)
	}
	defer kek.Close()
	if _, err := kek.Wrap(context.Background(), []byte("a root"), nil); err != nil {
		log.Fatal(err)
	}
	for _, s := range kek.Stats() {
		labels := fmt.Sprintf("{kek=%q,provider=%q,op=%q,outcome=%q}", s.KEK, s.Provider, s.Op, s.Outcome)
		fmt.Printf("kek_calls_total%s %d\n", labels, s.Calls)
		// and: fmt.Printf("kek_call_seconds_total%s %g\n", labels, s.Took.Seconds())
	}

	// Or as JSON below /debug/vars:
	expvar.Publish("keks", expvar.Func(func() any { return kek.Stats() }))
	// Output:
	// kek_calls_total{kek="transit.eu",provider="transit",op="decrypt",outcome="ok"} 1
	// kek_calls_total{kek="transit.eu",provider="transit",op="encrypt",outcome="ok"} 1
}
