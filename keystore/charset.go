package keystore

import "strings"

// A kind is a set of strings that a field may hold. All kinds are subsets of printable ASCII without " \ < > &, which
// JSON encoders spell in more than one way.
type kind struct {
	max   int
	holds func(s string) bool // called for at most max bytes
	what  string              // completes "is not …"
}

var (
	labelKind    = kind{maxLabel, isLabel, "a DNS label of at most 63 lower-case letters, digits and inner hyphens"}
	groupKind    = kind{maxGroupName, isName, "a group name of 1 to 24 lower-case letters, digits and hyphens"}
	providerKind = kind{maxProvider, isName, "a provider name of 1 to 32 lower-case letters, digits and hyphens"}
	kekKind      = kind{maxProvider + 1 + maxKEKName, isKEK, "a KEK name: PROVIDER or PROVIDER.NAME of lower-case letters, digits and hyphens, at most 32 and 64"}
	schemeKind   = kind{maxScheme, isScheme, "a scheme: NAME/NUMBER of at most 64 lower-case letters, digits, dots and hyphens"}
	printKind    = kind{maxProviderKey, isPrintable, `printable ASCII of at most 1024 bytes without " \ < > &`}
)

func isLabel(s string) bool {
	return isName(s) && s[0] != '-' && s[len(s)-1] != '-'
}

func isName(s string) bool {
	return s != "" && all(s, isNameByte)
}

func isKEK(s string) bool {
	provider, name, named := strings.Cut(s, ".")
	return isName(provider) && len(provider) <= maxProvider && (!named || isName(name) && len(name) <= maxKEKName)
}

func isScheme(s string) bool {
	name, version, _ := strings.Cut(s, "/")
	nameByte := func(c byte) bool { return c == '.' || isNameByte(c) }
	return name != "" && all(name, nameByte) && version != "" && version[0] != '0' && all(version, isDigit)
}

func isPrintable(s string) bool {
	return all(s, func(c byte) bool { return ' ' <= c && c <= '~' && strings.IndexByte(`"\<>&`, c) < 0 })
}

func isNameByte(c byte) bool { return 'a' <= c && c <= 'z' || isDigit(c) || c == '-' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func all(s string, ok func(c byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}
