// Package keystoretest draws valid keystores at random, for property tests and fuzzing.
package keystoretest

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keystore"
)

// Draw returns contents that keystore.Append takes, and the private half of their identity. What is sealed or wrapped
// in them is random bytes.
func Draw(t *rapid.T) (*keystore.Contents, ed25519.PrivateKey) {
	identity := drawIdentity(t, "identity")
	d := drawer{T: t, now: time.Unix(int64(rapid.IntRange(0, 200*366*86400).Draw(t, "first time")), 0).UTC()}
	c := &keystore.Contents{
		ID:         d.id(),
		Cluster:    d.label("cluster"),
		Region:     d.label("region"),
		Epoch:      rapid.Uint64Range(1, 3).Draw(t, "epoch"),
		Generation: rapid.Uint64Range(1, 100).Draw(t, "generation"),
		Lease:      time.Duration(rapid.IntRange(0, 86400).Draw(t, "lease")) * time.Second,
		Root:       d.id(),
		Identity:   keystore.Identity{Public: identity.Public().(ed25519.PublicKey), SealedSeed: d.bytes("seed", 72, 72)},
	}
	if c.Epoch > 1 {
		c.Generation++ // a restore has something before it
	}
	c.History = d.history(c)
	c.Handover = d.handover(c)
	d.groups(c)
	c.Keys = d.keys()
	c.Owed = d.owed(c)
	c.Written = d.later()
	return c, identity
}

func drawIdentity(t *rapid.T, label string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(rapid.SliceOfN(rapid.Byte(), ed25519.SeedSize, ed25519.SeedSize).Draw(t, label))
}

// A drawer draws the parts. Its IDs are all different and its times never go backwards.
type drawer struct {
	*rapid.T
	now time.Time
	ids uint32
}

func (d *drawer) later() time.Time {
	d.now = d.now.Add(time.Duration(rapid.IntRange(0, 1_000_000).Draw(d.T, "seconds later")) * time.Second)
	return d.now
}

func (d *drawer) id() keystore.ID {
	d.ids++
	var id keystore.ID
	copy(id[:], d.bytes("ID", 16, 16))
	binary.BigEndian.PutUint32(id[:], d.ids)
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}

func (d *drawer) bytes(label string, least, most int) []byte {
	return rapid.SliceOfN(rapid.Byte(), least, most).Draw(d.T, label)
}

func (d *drawer) bool(label string) bool { return rapid.Bool().Draw(d.T, label) }

func (d *drawer) label(what string) string {
	return rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?`).Draw(d.T, what)
}

func (d *drawer) printable(what string) string {
	return rapid.StringOfN(rapid.RuneFrom([]rune(` !#$%'()*+,-./09:;=?@AZ[]^_{az|}~`+"`")), 0, 40, -1).Draw(d.T, what)
}

func (d *drawer) history(c *keystore.Contents) []keystore.Digest {
	n := int(min(c.Generation-1, keystore.MaxHistory))
	if c.Epoch > 1 {
		n = rapid.IntRange(1, n).Draw(d.T, "history")
	}
	var digests []keystore.Digest
	for i := range n {
		digests = append(digests, keystore.DigestOf([]byte{byte(i)}))
	}
	return digests
}

func (d *drawer) handover(c *keystore.Contents) *keystore.Handover {
	if !d.bool("handover") {
		return nil
	}
	previous := drawIdentity(d.T, "previous identity")
	public := previous.Public().(ed25519.PublicKey)
	if public.Equal(c.Identity.Public) {
		return nil
	}
	return &keystore.Handover{Previous: public, Signature: ed25519.Sign(previous, keystore.HandoverMessage(c.ID, public, c.Identity.Public))}
}

// groups draws groups, the first of which can open the root, and their stanzas.
func (d *drawer) groups(c *keystore.Contents) {
	for i := range rapid.IntRange(1, 4).Draw(d.T, "groups") {
		g := keystore.Group{Name: fmt.Sprint("group-", i), Threshold: rapid.IntRange(1, 3).Draw(d.T, "threshold")}
		if g.Threshold > 1 {
			g.Split = d.id()
		}
		c.Groups = append(c.Groups, g)
		least := 0
		if i == 0 {
			least = g.Threshold
		}
		for j := range rapid.IntRange(least, 4).Draw(d.T, "stanzas") {
			c.Stanzas = append(c.Stanzas, d.stanza(g, j))
		}
	}
}

func (d *drawer) stanza(g keystore.Group, i int) keystore.Stanza {
	provider := rapid.SampledFrom([]string{"aead", "awskms", "transit", "x-9"}).Draw(d.T, "provider")
	s := keystore.Stanza{
		KEK:        fmt.Sprintf("%s.%s-%d", provider, g.Name, i),
		Provider:   provider,
		KeyID:      d.printable("key ID"),
		KeyVersion: d.printable("key version"),
		Group:      g.Name,
		Split:      g.Split,
		Scheme:     rapid.StringMatching(`[a-z0-9.-]{1,20}/[1-9][0-9]?`).Draw(d.T, "scheme"),
		Wrapped:    d.bytes("wrapped", 1, 200),
	}
	if g.Threshold > 1 {
		s.Share = i + 1
	}
	return s
}

func (d *drawer) owed(c *keystore.Contents) []keystore.Owed {
	var owed []keystore.Owed
	for i := range rapid.IntRange(0, 2).Draw(d.T, "owed") {
		owed = append(owed, keystore.Owed{KEK: fmt.Sprint("transit.", i), Provider: "transit", Group: c.Groups[0].Name, Since: d.later()})
	}
	return owed
}
