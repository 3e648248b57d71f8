package wrappers

import (
	"fmt"

	"github.com/sealwax/sealwax/internal/names"
)

// checkNames refuses a block whose names no keystore holds: when the KEK is made, and not when it has wrapped. The group
// may be empty and so may the name.
func checkNames(o *Options) error {
	for _, n := range []struct {
		what, name string
		max        int
		optional   bool
	}{
		{"provider", o.Provider, names.MaxProvider, false},
		{"name", o.Name, names.MaxKEK, true},
		{"group", o.Group, names.MaxGroup, true},
	} {
		if n.name == "" && n.optional || len(n.name) <= n.max && names.IsName(n.name) {
			continue
		}
		return fmt.Errorf("wrappers: %q is not the %s of a KEK: 1 to %d lower-case letters, digits and hyphens", n.name, n.what, n.max)
	}
	return nil
}
