package keyring

import (
	"errors"
	"fmt"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
)

// payload is what a KEK wraps: the root (or a share of it) and what it is the root of. A KEK's own associated data
// cannot be relied on (some providers drop it in silence), so the binding is inside:
//
//	 0  label "sealwax root v1" 0x00   16
//	16  keystore ID                    16
//	32  root ID                        16
//	48  group name, padded with zeros  24
//	72  split ID                       16
//	88  share number                    1
//	89  root or share                  32
//	121
type payload struct {
	keystore keystore.ID
	root     keystore.ID
	group    string
	split    keystore.ID
	share    int
}

const (
	payloadLabel = "sealwax root v1\x00"
	groupSize    = 24
	rootSize     = 32
	payloadSize  = len(payloadLabel) + 16 + 16 + groupSize + 16 + 1 + rootSize
)

var errPayload = errors.New("what was unwrapped is not the root of this keystore")

// append returns the payload with the root in it. The caller clears it.
func (p payload) append(root []byte) []byte {
	b := make([]byte, 0, payloadSize)
	b = append(b, payloadLabel...)
	b = append(b, p.keystore[:]...)
	b = append(b, p.root[:]...)
	var group [groupSize]byte
	copy(group[:], p.group) // the format allows no longer name
	b = append(b, group[:]...)
	b = append(b, p.split[:]...)
	b = append(b, byte(p.share))
	return append(b, root...)
}

// parse returns the root in b if everything before it is as p says. The bytes come from a provider: they may be anything.
func (p payload) parse(b []byte) (secret.Bytes, error) {
	want := p.append(nil)
	if len(b) != payloadSize {
		return secret.Bytes{}, fmt.Errorf("%w: %d bytes instead of %d", errPayload, len(b), payloadSize)
	}
	for at := range want {
		if b[at] != want[at] {
			return secret.Bytes{}, fmt.Errorf("%w: it is of another %s", errPayload, fieldAt(at))
		}
	}
	return secret.Copy(b[len(want):]), nil
}

// fieldAt names the field that the byte at that offset belongs to. None of them is secret.
func fieldAt(at int) string {
	for _, f := range []struct {
		end  int
		name string
	}{{16, "format"}, {32, "keystore"}, {48, "root"}, {72, "group"}, {88, "split"}} {
		if at < f.end {
			return f.name
		}
	}
	return "share"
}
