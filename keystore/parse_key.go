package keystore

// key reads the line of one key.
func (s *scanner) key() (k Key) {
	s.open("key")
	k.ID = s.id()
	s.next("state")
	k.State = Prepublished + State(s.word(stateWords))
	s.next("compromised")
	k.Compromised = s.bool()
	s.next("created")
	k.Created = s.time()
	s.next("activates")
	k.Activates = s.optionalTime()
	s.next("activated")
	k.Activated = s.optionalTime()
	s.next("retired")
	k.Retired = s.optionalTime()
	s.next("destroyed")
	k.Destroyed = s.optionalTime()
	s.next("suite")
	k.Suite = uint8(s.uint(1, maxSuite))
	s.next("dek")
	k.SealedDEK = s.optionalBinary(minSealed, maxSealedDEK)
	s.next("signing")
	s.list(0, maxSigning, func() { k.Signing = append(k.Signing, s.signing()) })
	s.next("census")
	k.Census = s.census()
	s.lit("}")
	s.endLine()
	return k
}

func (s *scanner) signing() (k SigningKey) {
	s.open("algorithm")
	k.Algorithm = algorithms[s.word(algorithms)]
	s.next("public")
	k.Public = s.binary(1, maxPublic)
	s.next("private")
	k.SealedPrivate = s.binary(minSealed, maxSealedPrivate)
	s.lit("}")
	return k
}

func (s *scanner) census() *Census {
	if s.skip("null") {
		return nil
	}
	c := new(Census)
	s.open("taken")
	c.Taken = s.time()
	s.next("sources")
	c.Sources = s.uint(0, maxInt)
	s.next("messages")
	c.Messages = s.uint(0, maxInt)
	s.next("bytes")
	c.Bytes = s.uint(0, maxInt)
	s.next("forced")
	c.Forced = s.bool()
	s.lit("}")
	return c
}
