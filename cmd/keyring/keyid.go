package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sealwax/sealwax/internal/names"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// leastOfID is how much of a key's ID has to be given: its first group.
const leastOfID = 8

// keyIDUsage is what the commands with an ID argument say about it.
const keyIDUsage = `ID is a key's ID, or 8 or more of its first characters.`

// idShape is a UUID: x stands for a digit.
const idShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

// errNoSuchKey: the keystore has no key of the ID that was given.
var errNoSuchKey = errors.New("no such key")

// checkIDPrefix wants the beginning of a key's ID, long enough to be meant.
func checkIDPrefix(s string) error {
	ok := leastOfID <= len(s) && len(s) <= len(idShape)
	for i := 0; ok && i < len(s); i++ {
		if idShape[i] == '-' {
			ok = s[i] == '-'
		} else {
			ok = names.IsDigit(s[i]) || 'a' <= s[i] && s[i] <= 'f'
		}
	}
	if !ok {
		return usageError{fmt.Errorf("%.64q is not the ID of a key: lower-case, as 'keyring list' shows it, or %d or more of its first characters", s, leastOfID)}
	}
	return nil
}

// keyWith returns the ID of the one key whose ID begins with prefix.
func keyWith(prefix string, keys []keyring.KeyInfo) (keystore.ID, error) {
	var found []string
	var id keystore.ID
	for _, k := range keys {
		if strings.HasPrefix(k.ID.String(), prefix) {
			id, found = k.ID, append(found, k.ID.String())
		}
	}
	switch len(found) {
	case 0:
		return id, fmt.Errorf("%w: %s: look with 'keyring list'", errNoSuchKey, prefix)
	case 1:
		return id, nil
	}
	return keystore.ID{}, usageError{fmt.Errorf("%d keys begin with %s: give one of their IDs: %s", len(found), prefix, strings.Join(found, ", "))}
}
