package keystore

import (
	"fmt"
	"time"
)

// Parse returns what the file data says, once all of it is found right: version, grammar, signature and rules, in this
// order, with ErrVersion, ErrDamaged, ErrTampered and ErrDamaged. The error of a damaged file says where and how.
//
// Parse proves that whoever signed the file held the private half of c.Identity. It cannot know whose that is, nor
// whether a newer file exists: that is what [Contents.Check] compares with what the caller knows. Parse takes nothing
// that Append would have spelled otherwise and does not keep data.
func Parse(data []byte) (*Contents, error) {
	if err := checkVersion(data); err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("keystore: %w: its %d bytes are more than %d", ErrDamaged, len(data), MaxSize)
	}
	s := &scanner{data: data, line: 1}
	c := s.header()
	for s.has(`{"key":`) {
		c.Keys = append(c.Keys, s.key())
	}
	message := signedMessage(data[:s.pos])
	signature := s.signature()
	if s.err != nil {
		return nil, fmt.Errorf("keystore: %w: %w", ErrDamaged, s.err)
	}
	if err := verify(c, message, signature); err != nil {
		return nil, fmt.Errorf("keystore: %w", err)
	}
	if bad := checkRules(c); bad != nil {
		return nil, fmt.Errorf("keystore: %w: line %d: %s", ErrDamaged, bad.line, bad.what)
	}
	return c, nil
}

func (s *scanner) header() *Contents {
	c := new(Contents)
	s.lit(magic + version1 + `"`)
	s.next("id")
	c.ID = s.idV7()
	s.next("cluster")
	c.Cluster = s.text(labelKind)
	s.next("region")
	c.Region = s.text(labelKind)
	s.next("epoch")
	c.Epoch = s.uint(1, maxInt)
	s.next("generation")
	c.Generation = s.uint(1, maxInt)
	s.next("history")
	s.list(0, MaxHistory, func() { c.History = append(c.History, s.digest()) })
	s.next("written")
	c.Written = s.time()
	s.next("lease")
	c.Lease = time.Duration(s.uint(0, uint64(MaxLease/time.Second))) * time.Second
	s.next("root")
	c.Root = s.idV7()
	s.next("identity")
	c.Identity = s.identity()
	s.next("handover")
	c.Handover = s.handover()
	s.next("groups")
	s.list(1, MaxGroups, func() { c.Groups = append(c.Groups, s.group()) })
	s.next("stanzas")
	s.list(1, MaxStanzas, func() { c.Stanzas = append(c.Stanzas, s.stanza()) })
	s.next("owed")
	s.list(0, MaxOwed, func() { c.Owed = append(c.Owed, s.owed()) })
	s.lit("}")
	s.endLine()
	return c
}

func (s *scanner) digest() (d Digest) {
	copy(d[:], s.binary(len(d), len(d)))
	return d
}

func (s *scanner) identity() (id Identity) {
	s.open("public")
	id.Public = s.binary(publicSize, publicSize)
	s.next("seed")
	id.SealedSeed = s.binary(sealedSeed, sealedSeed)
	s.lit("}")
	return id
}

func (s *scanner) handover() *Handover {
	if s.skip("null") {
		return nil
	}
	h := new(Handover)
	s.open("previous")
	h.Previous = s.binary(publicSize, publicSize)
	s.next("signature")
	h.Signature = s.binary(signatureSize, signatureSize)
	s.lit("}")
	return h
}

func (s *scanner) group() (g Group) {
	s.open("name")
	g.Name = s.text(groupKind)
	s.next("threshold")
	g.Threshold = int(s.uint(1, maxThreshold))
	s.next("split")
	g.Split = s.optionalID()
	s.lit("}")
	return g
}

func (s *scanner) stanza() (z Stanza) {
	s.open("kek")
	z.KEK = s.text(kekKind)
	s.next("provider")
	z.Provider = s.text(providerKind)
	s.next("key_id")
	z.KeyID = s.text(printKind)
	s.next("key_version")
	z.KeyVersion = s.text(printKind)
	s.next("group")
	z.Group = s.text(groupKind)
	s.next("split")
	z.Split = s.optionalID()
	s.next("share")
	z.Share = int(s.uint(0, maxThreshold))
	s.next("scheme")
	z.Scheme = s.text(schemeKind)
	s.next("wrapped")
	z.Wrapped = s.binary(1, MaxWrapped)
	s.lit("}")
	return z
}

func (s *scanner) owed() (o Owed) {
	s.open("kek")
	o.KEK = s.text(kekKind)
	s.next("provider")
	o.Provider = s.text(providerKind)
	s.next("group")
	o.Group = s.text(groupKind)
	s.next("since")
	o.Since = s.time()
	s.lit("}")
	return o
}

// signature reads the last line.
func (s *scanner) signature() []byte {
	s.open("signature")
	signature := s.binary(signatureSize, signatureSize)
	s.lit("}")
	s.endLine()
	if s.pos < len(s.data) {
		s.fail("nothing after the signature")
	}
	return signature
}
