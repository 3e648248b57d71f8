package keystore_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

// The longest lines that there can be, as docs/format.md promises them to readers that want a bound for a line.
const (
	longestHeader = 1_600_000
	longestKey    = 45_000
)

func TestLongestLines(t *testing.T) {
	file, err := keystore.Append(nil, largest(), signer(testIdentity))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keystore.Parse(file); err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(file, []byte("\n"))
	for i, limit := range []int{longestHeader, longestKey} {
		// Within a tenth: a promise that is far off helps nobody.
		if n := len(lines[i]); n > limit || n < limit*9/10 {
			t.Errorf("line %d has %d bytes, want a little less than %d", i+1, n, limit)
		}
	}
}

// largest returns contents in which every list and every value has its greatest length.
func largest() *keystore.Contents {
	const most = 1<<53 - 1
	c := example()
	c.Cluster, c.Region = strings.Repeat("c", 63), strings.Repeat("r", 63)
	c.Epoch, c.Generation, c.Lease = most, most, keystore.MaxLease
	c.History = make([]keystore.Digest, keystore.MaxHistory)
	provider, groupName := strings.Repeat("p", 32), strings.Repeat("g", 24)
	c.Groups = nil
	for i := range keystore.MaxGroups {
		c.Groups = append(c.Groups, keystore.Group{Name: fmt.Sprintf("%.22s%02d", groupName, i), Threshold: 2, Split: keystore.NewID()})
	}
	c.Stanzas = nil
	for i := range keystore.MaxStanzas {
		g := c.Groups[i/32]
		kek := fmt.Sprintf("%s.%062d%02d", provider, 0, i)
		c.Stanzas = append(c.Stanzas, keystore.Stanza{
			KEK: kek, Provider: provider, KeyID: strings.Repeat("k", 1024), KeyVersion: strings.Repeat("v", 1024),
			Group: g.Name, Split: g.Split, Share: 100 + i, Scheme: strings.Repeat("s", 62) + "/1", Wrapped: make([]byte, keystore.MaxWrapped),
		})
		c.Owed = append(c.Owed, keystore.Owed{KEK: kek, Provider: provider, Group: g.Name, Since: c.Written})
	}
	k := &c.Keys[0]
	k.SealedDEK = make([]byte, 512)
	for _, algorithm := range []string{"EdDSA", "ES256", "RS256"} {
		k.Signing = append(k.Signing, keystore.SigningKey{Algorithm: algorithm, Public: make([]byte, 2048), SealedPrivate: make([]byte, 8192)})
	}
	return c
}

// A file of exactly MaxSize opens, one byte more is neither written nor read.
func TestLargestFile(t *testing.T) {
	c := withKeys(example(), 1)
	c.Stanzas[0].KeyID, c.Stanzas[0].KeyVersion = "", ""
	one := size(t, c)
	perKey := size(t, withKeys(c, 2)) - one
	withKeys(c, 1+(keystore.MaxSize-one)/perKey)
	missing := keystore.MaxSize - size(t, c)
	c.Stanzas[0].KeyID = strings.Repeat("k", missing)
	file, err := keystore.Append(nil, c, signer(testIdentity))
	if err != nil || len(file) != keystore.MaxSize {
		t.Fatalf("%d bytes, %v, want %d", len(file), err, keystore.MaxSize)
	}
	if _, err := keystore.Parse(file); err != nil {
		t.Error(err)
	}
	c.Stanzas[0].KeyVersion = "v"
	const want = "keystore: cannot write generation 1: its 16777217 bytes are more than 16777216"
	if _, err := keystore.Append(nil, c, signer(testIdentity)); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func size(t *testing.T, c *keystore.Contents) int {
	t.Helper()
	file, err := keystore.Append(nil, c, signer(testIdentity))
	if err != nil {
		t.Fatal(err)
	}
	return len(file)
}

// withKeys gives c many retired keys.
func withKeys(c *keystore.Contents, n int) *keystore.Contents {
	c.Keys = nil
	for range n {
		c.Keys = append(c.Keys, keystore.Key{
			ID: keystore.NewID(), State: keystore.Retired, Created: c.Written, Retired: c.Written, Suite: 1, SealedDEK: make([]byte, 72),
		})
	}
	return c
}
