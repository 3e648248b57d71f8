package gcpckms

import (
	"strings"

	"github.com/sealwax/sealwax/internal/names"
)

const versions = "/cryptoKeyVersions/"

// SplitKeyID takes the resource name of a version apart: ".../cryptoKeys/K/cryptoKeyVersions/3" is ".../cryptoKeys/K" and
// "3".
func (w *Wrapper) SplitKeyID(id string) (key, version string) {
	key, version, _ = strings.Cut(id, versions)
	return key, version
}

// JoinKeyID undoes SplitKeyID.
func (w *Wrapper) JoinKeyID(key, version string) string {
	if version == "" {
		return key
	}
	return key + versions + version
}

// isVersion reports whether s is a version as Cloud KMS counts them.
func isVersion(s string) bool {
	return s != "" && len(s) <= 9 && s[0] != '0' && names.All(s, names.IsDigit)
}
