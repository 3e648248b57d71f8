package keyring

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// arguments are what Create, Load and Verify are given, checked before any store or KEK is called.
type arguments struct {
	store keystore.Store
	keks  []*wrappers.KEK
	opts  Options
}

func checkArguments(store keystore.Store, keks []*wrappers.KEK, o *Options) (arguments, error) {
	if store == nil {
		return arguments{}, errors.New("no store given")
	}
	opts, err := o.complete()
	if err != nil {
		return arguments{}, err
	}
	return arguments{store, slices.Clone(keks), opts}, checkKEKs(keks, opts.Groups)
}

func checkKEKs(keks []*wrappers.KEK, groups map[string]int) error {
	seen := make(map[string]bool)
	for i, k := range keks {
		switch {
		case k == nil:
			return fmt.Errorf("KEK %d is nil", i)
		case seen[k.ID()]:
			return fmt.Errorf("two KEKs are called %s: give one of them another name", k.ID())
		case k.Group() != "" && groups[k.Group()] == 0:
			return fmt.Errorf("KEK %s is of group %q, which Options.Groups does not have", k.ID(), k.Group())
		}
		seen[k.ID()] = true
	}
	return nil
}
