package passphrase

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/argon2"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/wrappers"
)

const (
	saltSize   = 16
	headerSize = saltSize + 2 + 1 + 1
	overhead   = headerSize + 24 + 16

	minMemory, maxMemory = 64, 1024 // MiB
	maxTime              = 10
	maxWork              = 2048 // MiB times passes
	maxThreads           = 16
)

// Options are the costs of Argon2id for what is wrapped. What is unwrapped brings its own. Zero values are the defaults.
// MemoryMiB times Time is at most 2048.
type Options struct {
	MemoryMiB int // 64 to 1024; 0 is 64
	Time      int // 1 to 10; 0 is 3
	Threads   int // 1 to 16; 0 is 4
}

// costs returns o with defaults filled in.
func (o *Options) costs() (costs, error) {
	full := Options{MemoryMiB: 64, Time: 3, Threads: 4}
	if o != nil {
		for _, v := range []struct{ from, to *int }{{&o.MemoryMiB, &full.MemoryMiB}, {&o.Time, &full.Time}, {&o.Threads, &full.Threads}} {
			if *v.from != 0 {
				*v.to = *v.from
			}
		}
	}
	c := costs{full.MemoryMiB, full.Time, full.Threads}
	return c, c.check()
}

// costs are the numbers that Argon2id is computed with.
type costs struct{ memoryMiB, time, threads int }

func (c costs) check() error {
	switch {
	case c.memoryMiB < minMemory || c.memoryMiB > maxMemory:
		return fmt.Errorf("Argon2id with %d MiB, want %d to %d", c.memoryMiB, minMemory, maxMemory)
	case c.time < 1 || c.time > maxTime:
		return fmt.Errorf("Argon2id with time %d, want 1 to %d", c.time, maxTime)
	case c.memoryMiB*c.time > maxWork:
		return fmt.Errorf("Argon2id with %d MiB and time %d, whose product must be at most %d", c.memoryMiB, c.time, maxWork)
	case c.threads < 1 || c.threads > maxThreads:
		return fmt.Errorf("Argon2id with %d threads, want 1 to %d", c.threads, maxThreads)
	}
	return nil
}

// header is the front of a ciphertext: salt || memory in MiB (2 bytes) || time (1) || threads (1).
type header []byte

func appendHeader(dst, salt []byte, c costs) []byte {
	dst = binary.BigEndian.AppendUint16(append(dst, salt...), uint16(c.memoryMiB))
	return append(dst, byte(c.time), byte(c.threads))
}

func (h header) salt() []byte { return h[:saltSize] }

func (h header) costs() costs {
	return costs{int(binary.BigEndian.Uint16(h[saltSize:])), int(h[saltSize+2]), int(h[saltSize+3])}
}

// Scheme returns "argon2id-xaes/1".
func (w *Wrapper) Scheme() string { return scheme }

// KeyVersion returns "": another passphrase is another KEK.
func (w *Wrapper) KeyVersion([]byte) string { return "" }

// CheckCiphertext checks the length and the costs, before anything is computed with them.
func (w *Wrapper) CheckCiphertext(ciphertext []byte) error {
	if n := len(ciphertext); n <= overhead || n > overhead+wrappers.MaxPlaintext {
		return fmt.Errorf("%d bytes, want %d to %d", n, overhead+1, overhead+wrappers.MaxPlaintext)
	}
	return header(ciphertext[:headerSize]).costs().check()
}

// keyCache keeps what Argon2id made of one passphrase and the last few headers. A keystore has one stanza of a KEK, so
// two are in use at most: that one, and the one being made.
type keyCache struct {
	heads [4]header
	aeads [4]*aead.AEAD
	next  int
}

// get returns the AEAD for h, whose costs have been checked.
func (k *keyCache) get(pass secret.Bytes, h header) (*aead.AEAD, error) {
	for i, head := range k.heads {
		if bytes.Equal(head, h) {
			return k.aeads[i], nil
		}
	}
	c := h.costs()
	key := argon2.IDKey(pass.Expose(), h.salt(), uint32(c.time), uint32(c.memoryMiB)<<10, uint8(c.threads), aead.KeySize)
	defer clear(key)
	a, err := aead.New(aead.XAES256GCM, key, nil)
	if err != nil {
		return nil, err
	}
	k.heads[k.next], k.aeads[k.next] = bytes.Clone(h), a
	k.next = (k.next + 1) % len(k.heads)
	return a, nil
}
