package keystore_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keystore"
)

func TestCheckNothingExpected(t *testing.T) {
	c := example()
	for _, e := range []*keystore.Expect{nil, {}} {
		if err := c.Check(keystore.Digest{1}, e); err != nil {
			t.Errorf("Check(%v) = %v", e, err)
		}
	}
}

// A chain of generations, some of them in a fork: whatever was seen, Check tells what it is to any other.
func TestCheckAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fork := rapid.IntRange(1, 150).Draw(t, "the last common generation")
		main := chain(fork, "main")
		side := chain(fork, "side")
		seen := main[rapid.IntRange(1, len(main)).Draw(t, "seen")-1]
		branch := rapid.SampledFrom([][]link{main, side}).Draw(t, "branch")
		found := branch[rapid.IntRange(1, len(branch)).Draw(t, "found")-1]

		e := &keystore.Expect{Seen: keystore.Seen{Epoch: 1, Generation: seen.c.Generation, Digest: seen.digest}}
		err := found.c.Check(found.digest, e)
		if want := model(seen, found, fork, &branch[0] == &side[0]); !errors.Is(err, want) {
			t.Fatalf("seen %d, found %d: got %v, want %v", seen.c.Generation, found.c.Generation, err, want)
		}
	})
}

// model is what Check should say, from knowing where the branches part.
func model(seen, found link, fork int, otherBranch bool) error {
	seenShared := seen.c.Generation <= uint64(fork)
	foundShared := found.c.Generation <= uint64(fork)
	switch {
	case found.c.Generation < seen.c.Generation:
		return keystore.ErrRolledBack
	case found.c.Generation > seen.c.Generation+keystore.MaxHistory:
		return keystore.ErrContinuityUnknown
	case otherBranch && !seenShared && !foundShared:
		return keystore.ErrForked
	}
	return nil
}

type link struct {
	c      *keystore.Contents
	digest keystore.Digest
}

// chain returns 200 generations of a branch, the first of which all branches share.
func chain(shared int, branch string) []link {
	var links []link
	c := example()
	for g := 1; g <= 200; g++ {
		name := branch
		if g <= shared {
			name = "shared"
		}
		digest := keystore.DigestOf([]byte(name + string(rune(g))))
		links = append(links, link{c, digest})
		c = c.Next(digest)
	}
	return links
}
