package keyring

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
)

// shareScenario makes a vector out of a keystore that is wrapped for a group alone.
type shareScenario struct {
	name, expect, comment string
	needs, of             int
	spoil                 func(v *vector)
}

var shareScenarios = []shareScenario{
	{"share-two-of-three", "opens", "the first two of three shares, two are needed", 2, 3, only(0, 1)},
	{"share-two-others", "opens", "the last two of three shares, two are needed", 2, 3, only(1, 2)},
	{"share-more-than-needed", "opens", "all three shares, two are needed", 2, 3, only(0, 1, 2)},
	{"share-three-of-five", "opens", "three of five shares, three are needed", 3, 5, only(0, 3, 4)},
	{"share-all-of-all", "opens", "two shares, both are needed", 2, 2, only(0, 1)},
	{"share-number-255", "opens", "the last two of 255 shares, two are needed", 2, 255, nil},
	{"share-too-few", "not the root", "one share, two are needed", 2, 3, only(1)},
	{"share-none", "not the root", "no share", 2, 3, only()},
	{"share-wrong", "not the root", "two shares, and one is wrong", 2, 3, wrongShare(only(0, 1), 1)},
	{"share-wrong-among-right", "opens", "three shares, two are needed, and one is wrong", 2, 3, wrongShare(only(0, 1, 2), 0)},
	{"share-two-wrong", "not the root", "three shares, two are needed, and two are wrong", 2, 3, wrongShare(wrongShare(only(0, 1, 2), 0), 2)},
	{"share-of-other-split", "not the root", "the second share says that it is of another split", 2, 3, payloadByte(only(0, 1), 72)},
	{"share-of-other-group", "not the root", "the second share says that it is of another group", 2, 3, payloadByte(only(0, 1), 48)},
	{"share-other-number", "not the root", "the second share says that it has another number", 2, 3, payloadByte(only(0, 1), 88)},
	{"share-exchanged", "not the root", "two shares, each in the stanza of the other", 2, 3, func(v *vector) {
		only(0, 1)(v)
		v.payloads[0], v.payloads[1] = v.payloads[1], v.payloads[0]
	}},
	{"share-root-instead", "not the root", "the root itself in the place of a share", 2, 3, func(v *vector) {
		root := interpolate(v.shares()[:2])
		only(0)(v)
		v.payloads[0] = append(v.payloads[0][:payloadSize-rootSize], root...)
	}},
}

// only leaves the payloads of these stanzas; nobody unwrapped the others.
func only(which ...int) func(*vector) {
	return func(v *vector) {
		for i := range v.payloads {
			if !slices.Contains(which, i) {
				v.payloads[i] = nil
			}
		}
	}
}

func wrongShare(first func(*vector), which int) func(*vector) {
	return func(v *vector) {
		first(v)
		copy(v.payloads[which][payloadSize-rootSize:], newRootBytes().Expose())
	}
}

func payloadByte(first func(*vector), at int) func(*vector) {
	return func(v *vector) {
		first(v)
		v.payloads[1][at] ^= 1
	}
}

// split puts the stanzas of a group in the place of those of c. With more members than a keystore holds it is those of the last two.
func (s *shareScenario) split(c *keystore.Contents, raw secret.Bytes) (payloads [][]byte) {
	g := keystore.Group{Name: "officers", Threshold: s.needs, Split: keystore.NewID()}
	shares := splitRoot(raw, s.of, s.needs)
	if len(shares) > keystore.MaxStanzas {
		shares = shares[len(shares)-2:]
	}
	c.Groups, c.Stanzas = []keystore.Group{g}, nil
	for _, part := range shares {
		st := keystore.Stanza{KEK: fmt.Sprintf("test.%d", part.number), Provider: "test", Group: g.Name, Split: g.Split, Share: part.number,
			Scheme: "test/1", Wrapped: []byte("see payload")}
		c.Stanzas = append(c.Stanzas, st)
		payloads = append(payloads, payloadOf(c, &st).append(part.values.Expose()))
	}
	return payloads
}

// shares returns what the payloads hold, whatever they say of it.
func (v *vector) shares() (shares []share) {
	for _, p := range v.payloads {
		if len(p) == payloadSize {
			shares = append(shares, share{int(p[88]), secret.Copy(p[payloadSize-rootSize:])})
		}
	}
	return shares
}

// TestShareVectorsByHand: the vectors that open do so with the arithmetic of this test, and not only with the library's.
func TestShareVectorsByHand(t *testing.T) {
	tried := 0
	for name, v := range readVectors(t) {
		c, err := keystore.Parse(v.keystore)
		if err != nil || v.expect != "opens" || c.Groups[0].Threshold == 1 {
			continue
		}
		tried++
		shares, need := v.shares(), c.Groups[0].Threshold
		found := false
		for chosen := range combinations(len(shares), need) {
			var these []share
			for _, i := range chosen {
				these = append(these, shares[i])
			}
			_, err := openRoot(secret.New(interpolate(these)), c)
			found = found || err == nil
		}
		if !found {
			t.Errorf("%s: no %d of the %d shares give the root", name, need, len(shares))
		}
	}
	if tried < 6 {
		t.Errorf("%d vectors were tried", tried)
	}
}
