// Command bench measures what sealing and opening cost above the limit, and prints one Markdown table.
//
//	go run . [-rounds 400]
//
// The limit is one AES-256-GCM pass with a prebuilt cipher.AEAD, a nonce from crypto/rand for each message, the
// caller's buffer and 37 bytes of additional data. All contestants run in turn inside short rounds, 0.4 ms each; what is
// reported is the median over the rounds of the ratio inside a round, so that a machine that is slower for a second is
// slower for everybody. A ratio of .90 means: while the limit does 100 messages, the contestant does 90.
//
// It is a module of its own, so that the peers that it measures are nobody else's dependencies.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
)

var sizes = [...]int{64, 1 << 10, 16 << 10, 1 << 20}

func main() {
	rounds := flag.Int("rounds", 400, "rounds to measure for each size and each number of goroutines")
	flag.Parse()
	if err := run(*rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(rounds int) error {
	h, err := newHolders(context.Background())
	if err != nil {
		return err
	}
	fmt.Println("| case, 64 B / 1 KiB / 16 KiB / 1 MiB | of | one goroutine | two goroutines | goal | allocations |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, field := range [][]contestant{h.sealing(), h.opening()} {
		one := make([][]result, len(sizes))
		two := make([][]result, len(sizes))
		for i, size := range sizes {
			one[i] = race(field, size, 1, rounds)
			two[i] = race(field, size, 2, rounds)
		}
		for i, c := range field {
			fmt.Printf("| %s | %s | %s | %s | %s | %s |\n", c.name, c.of, ratios(one, i), ratios(two, i), c.goal, allocations(one, i))
		}
	}
	return nil
}

// ratios is the cell for contestant i: one number a size, as in ".91/.95/.99/1.00".
func ratios(bySize [][]result, i int) string {
	cell := make([]string, len(bySize))
	for j, results := range bySize {
		cell[j] = strings.TrimPrefix(fmt.Sprintf("%.2f", results[i].ratio), "0")
	}
	return strings.Join(cell, "/")
}

// allocations is a single number where all sizes agree.
func allocations(bySize [][]result, i int) string {
	cell := make([]string, len(bySize))
	same := true
	for j, results := range bySize {
		cell[j] = fmt.Sprint(results[i].allocs)
		same = same && cell[j] == cell[0]
	}
	if same {
		return cell[0]
	}
	return strings.Join(cell, "/")
}
