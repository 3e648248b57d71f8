// Package names says what names and texts a keystore can hold, and so what a KEK may be called and what a provider's key
// ID may look like. All of them are printable ASCII; docs/format.md has the same rules as ABNF.
package names

import "strings"

// The longest of each kind, in bytes.
const (
	MaxLabel    = 63 // of the DNS
	MaxGroup    = 24 // the room for it in a stanza's plaintext
	MaxProvider = 32
	MaxKEK      = 64 // the name that tells two KEKs of a provider apart
	MaxScheme   = 64
	MaxText     = 1024 // a provider's key ID, or its version; GCP's resource names and Azure's URLs are the longest
)

// IsName reports whether s is 1 or more lower-case letters, digits and hyphens. How many depends on whose name it is.
func IsName(s string) bool { return s != "" && All(s, IsNameByte) }

// IsLabel reports whether s is one DNS label, in the one spelling that certificates and keystores have: lower case, no hyphen
// at either end.
func IsLabel(s string) bool {
	return IsName(s) && len(s) <= MaxLabel && s[0] != '-' && s[len(s)-1] != '-'
}

// IsScheme reports whether s is NAME/NUMBER, where the name may have dots too and the number does not begin with 0.
func IsScheme(s string) bool {
	name, version, _ := strings.Cut(s, "/")
	nameByte := func(c byte) bool { return c == '.' || IsNameByte(c) }
	return len(s) <= MaxScheme && name != "" && All(name, nameByte) && version != "" && version[0] != '0' && All(version, IsDigit)
}

// IsText reports whether s is printable ASCII without " \ < > &, which JSON encoders spell in more than one way. It may
// be empty.
func IsText(s string) bool {
	return len(s) <= MaxText && All(s, func(c byte) bool { return ' ' <= c && c <= '~' && strings.IndexByte(`"\<>&`, c) < 0 })
}

// IsNameByte reports whether c is a lower-case letter, a digit or a hyphen.
func IsNameByte(c byte) bool { return 'a' <= c && c <= 'z' || IsDigit(c) || c == '-' }

// IsDigit reports whether c is a decimal digit.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// All reports whether every byte of s is ok.
func All(s string, ok func(c byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}
