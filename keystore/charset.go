package keystore

import (
	"strings"

	"github.com/sealwax/sealwax/internal/names"
)

// A kind is a set of strings that a field may hold. All kinds are subsets of printable ASCII without " \ < > &, which
// JSON encoders spell in more than one way.
type kind struct {
	max   int
	holds func(s string) bool // called for at most max bytes
	what  string              // completes "is not …"
}

var (
	labelKind    = kind{maxLabel, names.IsLabel, "a DNS label of at most 63 lower-case letters, digits and inner hyphens"}
	groupKind    = kind{maxGroupName, names.IsName, "a group name of 1 to 24 lower-case letters, digits and hyphens"}
	providerKind = kind{maxProvider, names.IsName, "a provider name of 1 to 32 lower-case letters, digits and hyphens"}
	kekKind      = kind{maxProvider + 1 + maxKEKName, isKEK, "a KEK name: PROVIDER or PROVIDER.NAME of lower-case letters, digits and hyphens, at most 32 and 64"}
	schemeKind   = kind{maxScheme, names.IsScheme, "a scheme: NAME/NUMBER of at most 64 lower-case letters, digits, dots and hyphens"}
	printKind    = kind{maxProviderKey, names.IsText, `printable ASCII of at most 1024 bytes without " \ < > &`}
)

func isKEK(s string) bool {
	provider, name, named := strings.Cut(s, ".")
	return names.IsName(provider) && len(provider) <= maxProvider && (!named || names.IsName(name) && len(name) <= maxKEKName)
}
