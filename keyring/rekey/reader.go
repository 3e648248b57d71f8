package rekey

import (
	"context"
	"iter"
)

// prompt is with how many records a batch goes on while nothing else is under way: what a slow source has given is
// worked on at once, or nearly.
const prompt = 16

// batches yields the records behind the cursor after in batches. It notes in p.walk what ended it.
func (p *pipe) batches(ctx context.Context, after string) iter.Seq[*batch] {
	return func(yield func(*batch) bool) {
		b := p.spare.take()
		for rec, err := range p.src.Records(ctx, after) {
			if err != nil {
				p.walk = err
				break
			}
			b.add(rec)
			n := len(b.items)
			if n < p.records && b.size < batchBytes && (n < prompt || !p.underway.none()) {
				continue
			}
			if !yield(b) {
				return
			}
			b = p.spare.take()
		}
		yield(b)
	}
}
