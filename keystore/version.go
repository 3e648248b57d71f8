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
	if len(data) == 0 {
		return fmt.Errorf("keystore: %w: it is empty", ErrDamaged)
	}
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		return fmt.Errorf("keystore: %w: it does not begin with %s", ErrDamaged, magic)
	}
	n := bytes.IndexByte(rest[:min(len(rest), maxVersion+1)], '"')
	if n < 1 || !names.All(string(rest[:n]), isVersionByte) {
		return fmt.Errorf("keystore: %w: its first line names no version", ErrDamaged)
	}
	if found := string(rest[:n]); found != version1 {
		return fmt.Errorf("keystore: %w %s, this program knows %s", ErrVersion, found, version1)
	}
	return nil
}

func isVersionByte(c byte) bool { return c == '.' || names.IsNameByte(c) }
