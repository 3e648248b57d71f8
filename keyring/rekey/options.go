package rekey

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// Options say what is re-sealed, and how fast. The zero value and nil re-seal everything, as fast as it goes.
type Options struct {
	// Keys are the keys whose messages are moved, such as compromised ones. With none it is every key but the active one.
	Keys []keystore.ID

	// After is the cursor of an earlier run's Report: this one begins behind it.
	After string

	// DryRun opens what would be re-sealed, so that it finds what would fail, and writes nothing.
	DryRun bool

	// Verify opens every message again before it takes the place of the old one, and compares the plaintexts in constant
	// time: against a processor or a memory that errs. Without it that is done with the first of each batch, of about a
	// hundred messages, because it costs half as much as all the rest. Where a source is on a disk nobody will notice.
	Verify bool

	// Rate is how many messages are replaced a second, with a burst of a tenth of a second. Zero is no limit. Messages that
	// need not be replaced do not count, and a dry run has no rate.
	Rate float64

	// Workers is how many goroutines open and seal. Zero is one for each core that Go uses.
	Workers int

	// FlushEvery is how far apart flushes of the source are at least. Zero is 5 s. One that takes long is made less
	// often, so that flushing takes a twentieth of the time; but no later than a quarter of the ring's lease.
	FlushEvery time.Duration

	// OnProgress is told how far the run is: when it begins to read, ten times a second, and at its end. The run waits
	// for it.
	OnProgress func(Progress)
}

const defaultFlushEvery = 5 * time.Second

// complete returns a copy of o, which may be nil, without unset fields.
func (o *Options) complete() (Options, error) {
	var v Options
	if o != nil {
		v = *o
	}
	switch {
	case !(v.Rate >= 0) || math.IsInf(v.Rate, 1):
		return v, fmt.Errorf("Options.Rate is %v, and a rate is a number of messages a second, zero for no limit", v.Rate)
	case v.Workers < 0:
		return v, fmt.Errorf("Options.Workers is %d, and somebody has to work", v.Workers)
	case v.FlushEvery < 0:
		return v, fmt.Errorf("Options.FlushEvery is %s, and nothing is done so often", v.FlushEvery)
	}
	if v.Workers == 0 {
		v.Workers = runtime.GOMAXPROCS(0)
	}
	if v.FlushEvery == 0 {
		v.FlushEvery = defaultFlushEvery
	}
	if v.OnProgress == nil {
		v.OnProgress = func(Progress) {}
	}
	v.Keys = slices.Clone(v.Keys)
	return v, nil
}

// wants reports whether messages of a key that is not the active one are to be moved.
func (o *Options) wants(id keystore.ID) bool {
	return len(o.Keys) == 0 || slices.Contains(o.Keys, id)
}
