package source

import (
	"errors"
	"strings"

	"github.com/sealwax/sealwax/internal/durable"
)

// stagedAs returns the name beside which the replacement of a file is staged. It is not that of the file itself, whose
// temporary files belong to the program that writes it, which may be 'keyring seal --out' at this very moment.
func stagedAs(name string) string { return name + stageMark }

const stageMark = ".rekey"

// leftover reports whether name is that of a file that a killed rekey may have left, and for which file it was.
func leftover(name string) (of string, ok bool) {
	if of, ok := durable.TempOf(name); ok {
		return strings.CutSuffix(of, stageMark)
	}
	of, _, _, ok = parseSwap(name)
	return of, ok
}

func parseSwap(name string) (of string, was, becomes sum, ok bool) {
	i := strings.LastIndex(name, swapMark)
	if i < 0 {
		return "", "", "", false
	}
	a, b, found := strings.Cut(name[i+len(swapMark):], "-")
	return name[:i], sum(a), sum(b), found && isSum(a) && isSum(b)
}

func isSum(s string) bool {
	return len(s) == sumSize && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// clean takes away what a killed rekey left under name. The caller holds the lock that keeps two rekeys apart.
//
// If it is neither the old nor the new content, the kill came between an exchange and the look at what came out of it, and
// somebody had written just then: that goes back, unless somebody has written once more.
func clean(dir folder, name string) error {
	of, was, becomes, ok := parseSwap(name)
	if !ok {
		return dir.Remove(name)
	}
	if _, err := dir.Lstat(name); err != nil {
		return err
	}
	left, err := sumIn(dir, name)
	if err != nil {
		return err
	}
	there, err := sumIn(dir, of)
	if err != nil {
		return err
	}
	if left == was || left == becomes || there != becomes {
		return dir.Remove(name)
	}
	if err := giveBack(dir, name, of, becomes, left); !errors.Is(err, ErrChanged) {
		return err
	}
	return nil
}
