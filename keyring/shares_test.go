package keyring

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
)

// times multiplies in GF(2^8) with AES's polynomial, and lagrange interpolates at 0, straight from docs/format.md: what
// the library makes must open with fifteen lines of somebody else's.
func times(a, b byte) (product byte) {
	for ; b != 0; b >>= 1 {
		if b&1 != 0 {
			product ^= a
		}
		carry := a & 0x80
		a <<= 1
		if carry != 0 {
			a ^= 0x1b
		}
	}
	return product
}

func inverse(a byte) byte {
	for b := range 256 {
		if times(a, byte(b)) == 1 {
			return byte(b)
		}
	}
	return 0
}

func lagrange(numbers []byte, values []byte) (atZero byte) {
	for i, x := range numbers {
		term := values[i]
		for j, other := range numbers {
			if i != j {
				term = times(term, times(other, inverse(other^x)))
			}
		}
		atZero ^= term
	}
	return atZero
}

func interpolate(shares []share) []byte {
	raw := make([]byte, rootSize)
	for at := range raw {
		var numbers, values []byte
		for _, s := range shares {
			numbers, values = append(numbers, byte(s.number)), append(values, s.values.Expose()[at])
		}
		raw[at] = lagrange(numbers, values)
	}
	return raw
}

func TestAnyThresholdManySharesGiveTheRoot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "members")
		m := rapid.IntRange(2, n).Draw(t, "threshold")
		raw := newRootBytes()
		shares := splitRoot(raw, n, m)
		for i, s := range shares {
			if s.number != i+1 || s.values.Len() != rootSize {
				t.Fatalf("share %d has number %d and %d bytes", i, s.number, s.values.Len())
			}
		}
		some := rapid.Permutation(shares).Draw(t, "order")[:m]
		if got := combine(some); !got.Equal(raw) {
			t.Fatal("the library does not combine what it split")
		}
		if got := interpolate(some); !bytes.Equal(got, raw.Expose()) {
			t.Fatal("not the polynomials of docs/format.md")
		}
	})
}

// TestFewerSharesSayNothing: for each value that a byte of the root could have there is exactly one polynomial through m-1
// shares, so none is likelier than another. It is counted by completing the m-1 shares with each possible m-th one.
func TestFewerSharesSayNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(2, 6).Draw(t, "threshold")
		shares := splitRoot(newRootBytes(), m, m)[1:]
		at := rapid.IntRange(0, rootSize-1).Draw(t, "byte")
		var numbers, values []byte
		for _, s := range shares {
			numbers, values = append(numbers, byte(s.number)), append(values, s.values.Expose()[at])
		}
		var possible [256]int
		for v := range 256 {
			possible[lagrange(append(numbers, 1), append(values, byte(v)))]++
		}
		for v, n := range possible {
			if n != 1 {
				t.Fatalf("%d of 256 completions give %#x, want 1", n, v)
			}
		}
	})
}

// TestSharesAreDrawnAnew: two splits of a root have nothing in common, and each share alone is evenly spread.
func TestSharesAreDrawnAnew(t *testing.T) {
	raw := secret.New(make([]byte, rootSize)) // all zero: what a share shows is the polynomial alone
	var counts [256]int
	const splits = 2000
	for range splits {
		for _, v := range splitRoot(raw, 2, 2)[0].values.Expose() {
			counts[v]++
		}
	}
	const mean = splits * rootSize / 256 // 250, standard deviation 16
	for v, n := range counts {
		if n < mean/2 || n > 2*mean {
			t.Errorf("%d of %d bytes of a share are %#x, want about %d", n, splits*rootSize, v, mean)
		}
	}
}

// committed returns contents with a commitment to a root.
func committed() (*keystore.Contents, secret.Bytes) {
	c := &keystore.Contents{ID: keystore.NewID(), Root: keystore.NewID()}
	raw := newRootBytes()
	_, c.Identity = createRoot(raw, c.ID, c.Root)
	return c, raw
}

func TestWrongSharesAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 7).Draw(t, "members")
		m := rapid.IntRange(2, n).Draw(t, "threshold")
		bad := rapid.IntRange(0, n).Draw(t, "wrong ones")
		c, raw := committed()
		shares := rapid.Permutation(splitRoot(raw, n, m)).Draw(t, "order")
		wrong := make(map[int]bool)
		for _, i := range rapid.Permutation(numbersTo(n)).Draw(t, "which")[:bad] {
			rand.Read(shares[i].values.Expose()) // not one bit: two such could cancel out
			wrong[shares[i].number] = true
		}
		p := &pool{contents: c, threshold: m}
		var found secret.Bytes
		for _, s := range shares {
			if r, got := p.add(t.Context(), s); r != nil {
				found = got
				break
			}
		}
		if opened := found.Len() > 0; opened != (n-bad >= m) {
			t.Fatalf("%d of %d are right, %d are needed: opened %v", n-bad, n, m, opened)
		}
		if found.Len() == 0 {
			return
		}
		if !found.Equal(raw) {
			t.Fatal("another root")
		}
		for _, s := range shares {
			if p.isRight(s, found) == wrong[s.number] {
				t.Fatalf("share %d is taken to be right: %v", s.number, !wrong[s.number])
			}
		}
		p.clear()
		if p.shares[0].values.Len() != 0 {
			t.Error("a share is still there")
		}
	})
}

func numbersTo(n int) []int {
	var list []int
	for i := range n {
		list = append(list, i)
	}
	return list
}

func TestCombinationsAreBounded(t *testing.T) {
	c, raw := committed()
	p := &pool{contents: c, threshold: 12}
	for _, s := range splitRoot(raw, 24, 24) { // twice the threshold that the pool is told: no choice of 12 is right
		if r, _ := p.add(t.Context(), s); r != nil {
			t.Fatal("12 shares of a split of threshold 24 gave the root")
		}
	}
	if p.tried != maxCombinations {
		t.Errorf("%d combinations tried, want %d", p.tried, maxCombinations)
	}
}

// TestNobodyCombinesForACallerWhoLeft: all choices of thirty out of sixty take a minute.
func TestNobodyCombinesForACallerWhoLeft(t *testing.T) {
	c, raw := committed()
	ctx, leave := context.WithCancelCause(t.Context())
	left := errors.New("the caller left")
	leave(left)
	g := &gathering{contents: c, group: &keystore.Group{Name: "officers", Threshold: 2}, pool: pool{contents: c, threshold: 2}}
	for _, s := range splitRoot(raw, 3, 2) {
		if r, _ := g.pool.add(ctx, s); r != nil {
			t.Fatal("combined")
		}
	}
	if err := g.err(); !errors.Is(err, left) || err.Error() != "group officers: 3 shares, of which 0 choices were tried: the caller left" {
		t.Errorf("error %v", err)
	}
	given := make([]*verifiedStanza, 3)
	for i, s := range splitRoot(raw, 3, 2) {
		given[i] = &verifiedStanza{stanza: &keystore.Stanza{Share: s.number}, values: s.values}
	}
	if r := verifyShares(ctx, c, g.group, given); r != nil || !given[2].report.Unproven || given[2].report.Err != nil {
		t.Errorf("%+v", given[2].report)
	}
}

func TestCombinations(t *testing.T) {
	for _, c := range []struct{ n, k, want int }{{0, 1, 0}, {1, 1, 1}, {3, 1, 3}, {4, 2, 6}, {5, 5, 1}, {14, 7, 3432}} {
		seen := make(map[string]bool)
		for chosen := range combinations(c.n, c.k) {
			if !slices.IsSorted(chosen) || len(chosen) != c.k {
				t.Fatalf("chose %v", chosen)
			}
			key := ""
			for _, i := range chosen {
				key += string(rune('a' + i))
			}
			seen[key] = true
		}
		if len(seen) != c.want {
			t.Errorf("%d choices of %d in %d, want %d", len(seen), c.k, c.n, c.want)
		}
	}
}
