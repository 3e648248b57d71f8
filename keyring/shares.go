package keyring

import (
	"context"
	"iter"

	"github.com/getsops/sops/v3/shamir"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
)

// share is what one member of a group with a threshold above 1 wraps: the values that the root's 32 polynomials have at
// its number. The shares of all members together with the root at 0 lie on them.
type share struct {
	number int // 1 to 255
	values secret.Bytes
}

// splitRoot splits raw into n shares, numbered from 1, of which any m give it back, and fewer say nothing of it:
// 2 <= m <= n <= 255. The library keeps copies of what it computes on the heap that nobody can clear.
func splitRoot(raw secret.Bytes, n, m int) []share {
	parts, err := shamir.Split(raw.Expose(), n, m)
	if err != nil {
		panic("keyring: " + err.Error()) // n or m, and those were checked
	}
	shares := make([]share, n)
	for i, p := range parts {
		shares[i] = share{int(p[rootSize]), secret.New(p[:rootSize:rootSize])}
	}
	return shares
}

// combine returns what the polynomials through shares have at 0. Any two shares or more give something, so what comes out is a
// candidate that has to pass the commitment.
func combine(shares []share) secret.Bytes {
	parts := make([][]byte, len(shares))
	for i, s := range shares {
		parts[i] = append(append(make([]byte, 0, rootSize+1), s.values.Expose()...), byte(s.number))
		defer clear(parts[i])
	}
	raw, err := shamir.Combine(parts)
	if err != nil {
		panic("keyring: " + err.Error()) // fewer than two, or two of one number, which the format's rules exclude
	}
	return secret.New(raw)
}

// maxCombinations bounds how many choices of shares are tried for one group: a choice costs from 30 µs (two shares) to 4 ms
// (thirty) and 15 ms (sixty), and wrong shares are no reason to compute for ever. All choices of 7 out of 14 are 3432.
const maxCombinations = 4096

// pool collects the shares of a group until some of them give the root of c.
type pool struct {
	contents  *keystore.Contents
	threshold int
	shares    []share
	tried     int
	cut       error   // why no more were tried: the caller went away
	right     []share // those that gave the root
}

// add takes s and tries it together with what is there, for as long as ctx lasts. It returns the root once it is found.
func (p *pool) add(ctx context.Context, s share) (*root, secret.Bytes) {
	p.shares = append(p.shares, s)
	before := p.shares[:len(p.shares)-1]
	for chosen := range combinations(len(before), p.threshold-1) {
		if p.cut = context.Cause(ctx); p.cut != nil || p.tried == maxCombinations {
			break
		}
		p.tried++
		these := []share{s}
		for _, i := range chosen {
			these = append(these, before[i])
		}
		raw := combine(these)
		if r, err := openRoot(raw, p.contents); err == nil {
			p.right = these
			return r, raw
		}
		raw.Clear()
	}
	return nil, secret.Bytes{}
}

// isRight reports whether s lies on the polynomials of the shares that gave the root, raw: put in the place of one of them it
// gives the same, since two polynomials of that degree which meet in as many points are one.
func (p *pool) isRight(s share, raw secret.Bytes) bool {
	these := []share{s}
	for _, other := range p.right {
		if other.number == s.number {
			return other.values.Equal(s.values)
		}
		if len(these) < p.threshold {
			these = append(these, other)
		}
	}
	again := combine(these)
	defer again.Clear()
	return again.Equal(raw)
}

// clear overwrites the shares.
func (p *pool) clear() {
	for _, s := range p.shares {
		s.values.Clear()
	}
}

// combinations yields every choice of k of the numbers below n, in ascending order. The slice is used again for the next one.
func combinations(n, k int) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		if k > n {
			return
		}
		chosen := make([]int, k)
		for i := range chosen {
			chosen[i] = i
		}
		for yield(chosen) {
			i := k - 1
			for i >= 0 && chosen[i] == n-k+i {
				i--
			}
			if i < 0 {
				return
			}
			chosen[i]++
			for j := i + 1; j < k; j++ {
				chosen[j] = chosen[j-1] + 1
			}
		}
	}
}
