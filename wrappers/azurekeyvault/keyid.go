package azurekeyvault

import (
	"regexp"
	"strings"
)

// A key ID is the URL that Key Vault gives a version of a key:
//
//	https://VAULT.vault.azure.net/keys/KEY/VERSION
//
// A stanza stores what is before the version, and the version.

var keyVersion = regexp.MustCompile(`^[0-9a-f]{32}$`)

// SplitKeyID returns the key's URL and the version: the last segment.
func (w *Wrapper) SplitKeyID(id string) (key, version string) {
	i := strings.LastIndexByte(id, '/')
	if i < 0 {
		return id, ""
	}
	return id[:i], id[i+1:]
}

// JoinKeyID returns the URL of a version.
func (w *Wrapper) JoinKeyID(key, version string) string { return key + "/" + version }

// versionOf returns the version that id names of the configured key, and refuses everything else. The names of vaults and
// keys differ in more than their case.
func (w *Wrapper) versionOf(id string) (string, error) {
	key, version := w.SplitKeyID(id)
	if !strings.EqualFold(key, w.key) || !keyVersion.MatchString(version) {
		return "", &otherKeyError{id, w.key}
	}
	return version, nil
}
