// Package plural says how many there are of something.
package plural

import "fmt"

// Of returns "1 key", or "2 keys", for what is a word whose plural ends in s.
func Of[N int | int64 | uint64](n N, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
