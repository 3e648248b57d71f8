package wrappers

// Limits of what a keystore can hold about a KEK, in bytes.
const (
	maxName   = 128
	maxKeyID  = 512 // the longest name of a key in a cloud has about 300
	maxScheme = 64
)

// printable reports whether s is at most max characters of what a keystore can hold: printable ASCII without the five
// that JSON or a browser would have to escape.
func printable(s string, max int) bool {
	if len(s) > max {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~':
			return false
		case c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}
