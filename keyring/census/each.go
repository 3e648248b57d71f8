package census

import (
	"context"
	"errors"
	"fmt"

	"github.com/sealwax/sealwax/keyring/source"
)

// each calls use with every record of the sources and the index of its source, and returns the names of those that were
// read to their end.
func each(ctx context.Context, sources []source.Source, use func(s int, rec source.Record)) (finished []string, err error) {
	var errs []error
	for i, s := range sources {
		if err := one(ctx, s, func(rec source.Record) { use(i, rec) }); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s, err))
			continue
		}
		finished = append(finished, s.String())
	}
	return finished, errors.Join(errs...)
}

func one(ctx context.Context, s source.Source, use func(source.Record)) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	for rec, err := range s.Records(ctx, "") {
		if err != nil {
			return err
		}
		use(rec)
	}
	return nil
}

func namesOf(sources []source.Source) []string {
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = s.String()
	}
	return names
}
