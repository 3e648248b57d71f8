package keystore

import "slices"

// Active returns the active key, nil if there is none. It points into c.
func (c *Contents) Active() *Key {
	for i := range c.Keys {
		if c.Keys[i].State == Active {
			return &c.Keys[i]
		}
	}
	return nil
}

// Find returns the key with the given ID, tombstones included, nil if there is none. It points into c.
func (c *Contents) Find(id ID) *Key {
	for i := range c.Keys {
		if c.Keys[i].ID == id {
			return &c.Keys[i]
		}
	}
	return nil
}

// Next returns a copy of c to be changed and written as the generation after it. digest is that of the file of c, which
// becomes the newest of the history. The caller sets Written, to a time not before that of c, and what else changes.
func (c *Contents) Next(digest Digest) *Contents {
	n := c.Clone()
	n.Generation++
	n.History = slices.Insert(n.History, 0, digest)
	n.History = n.History[:min(len(n.History), MaxHistory)]
	return n
}

// Clone returns a copy of c that shares nothing with it.
func (c *Contents) Clone() *Contents {
	n := *c
	n.History = slices.Clone(c.History)
	n.Identity.Public = slices.Clone(c.Identity.Public)
	n.Identity.SealedSeed = slices.Clone(c.Identity.SealedSeed)
	if c.Handover != nil {
		n.Handover = &Handover{slices.Clone(c.Handover.Previous), slices.Clone(c.Handover.Signature)}
	}
	n.Groups = slices.Clone(c.Groups)
	n.Stanzas = slices.Clone(c.Stanzas)
	for i := range n.Stanzas {
		n.Stanzas[i].Wrapped = slices.Clone(n.Stanzas[i].Wrapped)
	}
	n.Owed = slices.Clone(c.Owed)
	n.Keys = slices.Clone(c.Keys)
	for i := range n.Keys {
		n.Keys[i].unshare()
	}
	return &n
}

// unshare replaces what k points to by copies.
func (k *Key) unshare() {
	k.SealedDEK = slices.Clone(k.SealedDEK)
	k.Signing = slices.Clone(k.Signing)
	for i := range k.Signing {
		k.Signing[i].Public = slices.Clone(k.Signing[i].Public)
		k.Signing[i].SealedPrivate = slices.Clone(k.Signing[i].SealedPrivate)
	}
	if k.Census != nil {
		census := *k.Census
		k.Census = &census
	}
}
