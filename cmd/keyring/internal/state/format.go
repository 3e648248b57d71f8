package state

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/sealwax/sealwax/keystore"
)

const (
	formatName = "sealwax-seen/"
	version    = "1"
	maxSize    = 1 << 10 // the longest file has 254 bytes
)

// read returns the content of the file, and of one that is too long the first bytes: enough to refuse it.
func read(path string, max int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from: nothing is lost
	return io.ReadAll(io.LimitReader(f, max+1))
}

// format returns the one spelling of seen.
func format(seen keystore.Seen) []byte {
	return fmt.Appendf(nil, "%s%s\nkeystore %s\nidentity %s\nepoch %d\ngeneration %d\ndigest %s\n",
		formatName, version, seen.ID, keystore.FormatPin(seen.Identity), seen.Epoch, seen.Generation, seen.Digest)
}

// parse takes only what format returns.
func parse(data []byte) (keystore.Seen, error) {
	first, rest, _ := strings.Cut(string(data), "\n")
	name, is := strings.CutPrefix(first, formatName)
	switch {
	case !is:
		return keystore.Seen{}, errors.New("damaged: line 1 is not " + formatName + version)
	case name != version:
		return keystore.Seen{}, fmt.Errorf("written by another version of this program: %.64q", first)
	}
	l := lines{rest: rest}
	var seen keystore.Seen
	seen.ID, _ = keystore.ParseID(l.next("keystore"))
	seen.Identity, _ = keystore.ParsePin(l.next("identity"))
	seen.Epoch, _ = strconv.ParseUint(l.next("epoch"), 10, 64)
	seen.Generation, _ = strconv.ParseUint(l.next("generation"), 10, 64)
	digest, _ := hex.DecodeString(l.next("digest"))
	copy(seen.Digest[:], digest)
	// What did not parse above is zero now, and is not written like this.
	if checkComplete(seen) != nil || !bytes.Equal(format(seen), data) {
		return keystore.Seen{}, errors.New("damaged")
	}
	return seen, nil
}

// lines hands out the values of "name value" lines.
type lines struct{ rest string }

// next returns the value in the next line, "" if that line is of another name.
func (l *lines) next(name string) string {
	var line string
	line, l.rest, _ = strings.Cut(l.rest, "\n")
	value, ok := strings.CutPrefix(line, name+" ")
	if !ok {
		return ""
	}
	return value
}

// checkComplete refuses a seen with anything unknown in it.
func checkComplete(seen keystore.Seen) error {
	if seen.ID.IsZero() || len(seen.Identity) != ed25519.PublicKeySize || seen.Epoch == 0 || seen.Generation == 0 ||
		seen.Digest.IsZero() {
		return fmt.Errorf("state: incomplete: generation %d of keystore %s", seen.Generation, seen.ID)
	}
	return nil
}
