package keystore

import (
	"bytes"
	"fmt"

	"github.com/sealwax/sealwax/internal/names"
)

// Every version of the format begins with magic and the version's name, so that a program can tell a keystore that it
// is too old for from one that is damaged.
const (
	magic    = `{"format":"sealwax/keystore/v`
	version1 = "1"
)

// checkVersion looks at nothing but the first bytes.
func checkVersion(data []byte) error {
	found, wrong := versionOf(data, magic)
	switch {
	case wrong != "":
		return fmt.Errorf("keystore: %w: %s", ErrDamaged, wrong)
	case found != version1:
		return fmt.Errorf("keystore: %w %s, this program knows %s", ErrVersion, found, version1)
	}
	return nil
}

// versionOf returns the name of the version that data of a format begins with, or what is wrong with its first bytes.
func versionOf(data []byte, magic string) (name, wrong string) {
	if len(data) == 0 {
		return "", "it is empty"
	}
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		return "", "it does not begin with " + magic
	}
	n := bytes.IndexByte(rest[:min(len(rest), maxVersion+1)], '"')
	if n < 1 || !names.All(string(rest[:n]), isVersionByte) {
		return "", "its first line names no version"
	}
	return string(rest[:n]), ""
}

func isVersionByte(c byte) bool { return c == '.' || names.IsNameByte(c) }
