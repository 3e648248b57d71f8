package discovery

import (
	"cmp"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// selected returns the keys that belong into the set at the time now, in its order, and when the first of them leaves
// it for no other reason than time: zero for never. Keys of one rank stay in the order in which they were made.
func (o *Options) selected(keys []keyring.VerificationKey, now time.Time) (in []keyring.VerificationKey, until time.Time) {
	for _, k := range keys {
		if !o.belongs(&k, now) {
			continue
		}
		in = append(in, k)
		if end := o.terms().End(k.Retired); k.State == keystore.Retired && (until.IsZero() || end.Before(until)) {
			until = end
		}
	}
	slices.SortStableFunc(in, func(a, b keyring.VerificationKey) int {
		return cmp.Or(cmp.Compare(rank(a.State), rank(b.State)), b.Retired.Compare(a.Retired))
	})
	return in, until
}

// belongs reports whether k is one to verify with at the time now. A key that was withdrawn before it was active has signed
// nothing.
func (o *Options) belongs(k *keyring.VerificationKey, now time.Time) bool {
	switch {
	case k.Compromised:
		return false
	case k.State == keystore.Prepublished, k.State == keystore.Active:
		return true
	case k.State == keystore.Retired:
		return !k.Activated.IsZero() && now.Before(o.terms().End(k.Retired))
	}
	return false
}

// Until returns until when a key is published that was retired at this time: then the last token that it signed has
// expired. o may be nil.
func (o *Options) Until(retired time.Time) (time.Time, error) {
	v, err := o.complete()
	return v.terms().End(retired), err
}

// rank is the place of a state in the set.
func rank(s keystore.State) int {
	return slices.Index([]keystore.State{keystore.Active, keystore.Prepublished, keystore.Retired}, s)
}
