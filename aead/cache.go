package aead

import (
	"bytes"
	"sync/atomic"
)

// cacheSize is how many subkeys an AEAD keeps for opening, besides the one that it seals with. Messages of one key have
// as many selectors as processes sealed them, times the millions of messages: eight serve a cluster, and a miss costs
// 0.6 µs.
const cacheSize = 8

// A cache holds the subkeys of messages that were opened lately. Readers and writers take no lock.
//
// Only a subkey that has just authenticated a message may be put in: who forges messages can make us derive subkeys,
// but cannot drive the useful ones out.
type cache [cacheSize]atomic.Pointer[subkey]

// get returns the subkey whose messages begin with head, or nil.
func (c *cache) get(head []byte) *subkey {
	for i := range c {
		s := c[i].Load()
		if s == nil {
			return nil // places are filled in order and never emptied
		}
		if bytes.Equal(s.head, head) {
			return s
		}
	}
	return nil
}

// put keeps s: in the first free place, or else in the one that the last byte of its selector, which is random, picks.
// All that put the same subkey at once see the places in the same order, so only one of them finds one free.
func (c *cache) put(s *subkey) {
	for i := range c {
		if c[i].CompareAndSwap(nil, s) || bytes.Equal(c[i].Load().head, s.head) {
			return
		}
	}
	c[s.head[len(s.head)-1]%cacheSize].Store(s)
}
