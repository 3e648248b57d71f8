package keystore

import (
	"fmt"
	"strings"
)

// key writes the line of k.
func (a *appender) key(k *Key) {
	if a.err != nil {
		return
	}
	a.open("key")
	a.id(k.ID)
	a.next("state")
	a.state(k.State)
	a.next("compromised")
	a.bool(k.Compromised)
	a.next("created")
	a.time(k.Created)
	a.next("activates")
	a.optionalTime(k.Activates)
	a.next("activated")
	a.optionalTime(k.Activated)
	a.next("retired")
	a.optionalTime(k.Retired)
	a.next("destroyed")
	a.optionalTime(k.Destroyed)
	a.next("suite")
	a.uint(uint64(k.Suite), 1, maxSuite)
	a.next("dek")
	a.optionalBinary(k.SealedDEK, minSealed, maxSealedDEK)
	a.next("signing")
	a.list(len(k.Signing), 0, maxSigning, func(i int) { a.signing(&k.Signing[i]) })
	a.next("census")
	a.census(k.Census)
	a.lit("}\n")
	if a.err != nil {
		a.err = fmt.Errorf("key %s: %w", k.ID, a.err)
	}
}

func (a *appender) state(s State) {
	if s < Prepublished || s > Destroyed {
		a.fail("%s is none", s)
	}
	a.quote(s.String())
}

func (a *appender) signing(k *SigningKey) {
	a.open("algorithm")
	a.algorithm(k.Algorithm)
	a.next("public")
	a.binary(k.Public, 1, maxPublic)
	a.next("private")
	a.binary(k.SealedPrivate, minSealed, maxSealedPrivate)
	a.lit("}")
}

func (a *appender) algorithm(name string) {
	if !isAlgorithm(name) {
		a.fail("%.80q is not one of %s", name, strings.Join(algorithms, ", "))
	}
	a.quote(name)
}

func (a *appender) census(c *Census) {
	if c == nil {
		a.lit("null")
		return
	}
	a.open("taken")
	a.time(c.Taken)
	a.next("sources")
	a.uint(c.Sources, 0, maxInt)
	a.next("messages")
	a.uint(c.Messages, 0, maxInt)
	a.next("bytes")
	a.uint(c.Bytes, 0, maxInt)
	a.next("forced")
	a.bool(c.Forced)
	a.lit("}")
}
