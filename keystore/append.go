package keystore

import (
	"fmt"
	"time"
)

// Append appends the file that says c to dst and returns the longer slice. sign must return the Ed25519 signature of
// c.Identity over the message that it is given; it is called once, after c was found valid, and its result is verified.
//
// What Append writes, [Parse] takes, and gives an equal Contents. A c that Parse would not take is an error that says
// what is wrong with it. Append does not change or keep c.
func Append(dst []byte, c *Contents, sign func(message []byte) []byte) ([]byte, error) {
	a := &appender{b: dst}
	a.header(c)
	for i := range c.Keys {
		a.key(&c.Keys[i])
	}
	if a.err != nil {
		return nil, fmt.Errorf("keystore: cannot write generation %d: %w", c.Generation, a.err)
	}
	if bad := checkRules(c); bad != nil {
		return nil, fmt.Errorf("keystore: cannot write generation %d: %s", c.Generation, bad.what)
	}
	message := signedMessage(a.b[len(dst):])
	signature := sign(message)
	if err := verify(c, message, signature); err != nil {
		return nil, fmt.Errorf("keystore: cannot write generation %d: %w", c.Generation, err)
	}
	a.signature(signature)
	if size := len(a.b) - len(dst); size > MaxSize {
		return nil, fmt.Errorf("keystore: cannot write generation %d: its %d bytes are more than %d", c.Generation, size, MaxSize)
	}
	return a.b, nil
}

func (a *appender) header(c *Contents) {
	a.lit(magic + version1 + `"`)
	a.next("id")
	a.idV7(c.ID)
	a.next("cluster")
	a.text(c.Cluster, labelKind)
	a.next("region")
	a.text(c.Region, labelKind)
	a.next("epoch")
	a.uint(c.Epoch, 1, maxInt)
	a.next("generation")
	a.uint(c.Generation, 1, maxInt)
	a.next("history")
	a.list(len(c.History), 0, MaxHistory, func(i int) { a.binary(c.History[i][:], len(Digest{}), len(Digest{})) })
	a.next("written")
	a.time(c.Written)
	a.next("lease")
	a.lease(c.Lease)
	a.next("root")
	a.idV7(c.Root)
	a.next("identity")
	a.identity(&c.Identity)
	a.next("handover")
	a.handover(c.Handover)
	a.next("groups")
	a.list(len(c.Groups), 1, MaxGroups, func(i int) { a.group(&c.Groups[i]) })
	a.next("stanzas")
	a.list(len(c.Stanzas), 1, MaxStanzas, func(i int) { a.stanza(&c.Stanzas[i]) })
	a.next("owed")
	a.list(len(c.Owed), 0, MaxOwed, func(i int) { a.owed(&c.Owed[i]) })
	a.lit("}\n")
}

func (a *appender) lease(d time.Duration) {
	if d < 0 || d%time.Second != 0 {
		a.fail("%s is not a number of whole seconds", d)
		return
	}
	a.uint(uint64(d/time.Second), 0, uint64(MaxLease/time.Second))
}

func (a *appender) identity(id *Identity) {
	a.open("public")
	a.binary(id.Public, publicSize, publicSize)
	a.next("seed")
	a.binary(id.SealedSeed, sealedSeed, sealedSeed)
	a.lit("}")
}

func (a *appender) handover(h *Handover) {
	if h == nil {
		a.lit("null")
		return
	}
	a.open("previous")
	a.binary(h.Previous, publicSize, publicSize)
	a.next("signature")
	a.binary(h.Signature, signatureSize, signatureSize)
	a.lit("}")
}

func (a *appender) group(g *Group) {
	a.open("name")
	a.text(g.Name, groupKind)
	a.next("threshold")
	a.int(g.Threshold, 1, maxThreshold)
	a.next("split")
	a.optionalID(g.Split)
	a.lit("}")
}

func (a *appender) stanza(s *Stanza) {
	a.open("kek")
	a.text(s.KEK, kekKind)
	a.next("provider")
	a.text(s.Provider, providerKind)
	a.next("key_id")
	a.text(s.KeyID, printKind)
	a.next("key_version")
	a.text(s.KeyVersion, printKind)
	a.next("group")
	a.text(s.Group, groupKind)
	a.next("split")
	a.optionalID(s.Split)
	a.next("share")
	a.int(s.Share, 0, maxThreshold)
	a.next("scheme")
	a.text(s.Scheme, schemeKind)
	a.next("wrapped")
	a.binary(s.Wrapped, 1, MaxWrapped)
	a.lit("}")
}

func (a *appender) owed(o *Owed) {
	a.open("kek")
	a.text(o.KEK, kekKind)
	a.next("provider")
	a.text(o.Provider, providerKind)
	a.next("group")
	a.text(o.Group, groupKind)
	a.next("since")
	a.time(o.Since)
	a.lit("}")
}

func (a *appender) signature(signature []byte) {
	a.open("signature")
	a.binary(signature, signatureSize, signatureSize)
	a.lit("}\n")
}
