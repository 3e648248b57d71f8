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
	if err := checkKEKs(keks); err != nil {
		return arguments{}, err
	}
	opts, err := o.complete()
	return arguments{store, slices.Clone(keks), opts}, err
}

func checkKEKs(keks []*wrappers.KEK) error {
	seen := make(map[string]bool)
	for i, k := range keks {
		switch {
		case k == nil:
			return fmt.Errorf("KEK %d is nil", i)
		case seen[k.ID()]:
			return fmt.Errorf("two KEKs are called %s: give one of them another name", k.ID())
		case k.Group() != "":
			return fmt.Errorf("KEK %s is of group %q, and groups with a threshold are not supported yet", k.ID(), k.Group())
		}
		seen[k.ID()] = true
	}
	return nil
}
