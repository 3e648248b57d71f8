package wrappers

import (
	"fmt"
	"strings"
)

// What a keystore can hold about a KEK, in bytes. A KEK that it could not hold is refused when it is made and not when
// it has wrapped.
const (
	maxProvider = 32
	maxName     = 64
	maxGroup    = 24
	maxKeyID    = 1024 // of the key and of its version; GCP's resource names and Azure's URLs are the longest
	maxScheme   = 64
)

// checkNames refuses a block whose names no keystore holds. The group may be empty and so may the name.
func checkNames(o *Options) error {
	for _, n := range []struct {
		what, name string
		max        int
		optional   bool
	}{
		{"provider", o.Provider, maxProvider, false},
		{"name", o.Name, maxName, true},
		{"group", o.Group, maxGroup, true},
	} {
		if n.name == "" && n.optional || n.name != "" && len(n.name) <= n.max && only(n.name, isNameByte) {
			continue
		}
		return fmt.Errorf("wrappers: %q is not the %s of a KEK: 1 to %d lower-case letters, digits and hyphens", n.name, n.what, n.max)
	}
	return nil
}

func isNameByte(c byte) bool { return 'a' <= c && c <= 'z' || isDigit(c) || c == '-' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isScheme accepts NAME/NUMBER.
func isScheme(s string) bool {
	name, version, _ := strings.Cut(s, "/")
	nameByte := func(c byte) bool { return c == '.' || isNameByte(c) }
	return len(s) <= maxScheme && name != "" && only(name, nameByte) && version != "" && version[0] != '0' && only(version, isDigit)
}

// isKeyID accepts printable ASCII without the five characters that JSON or a browser would have to escape.
func isKeyID(s string) bool {
	return len(s) <= maxKeyID && only(s, func(c byte) bool { return ' ' <= c && c <= '~' && strings.IndexByte(`"\<>&`, c) < 0 })
}

func only(s string, ok func(c byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}
