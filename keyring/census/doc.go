// Package census counts sealed messages where they lie, by the key that each needs: so that no key is destroyed that a
// message still needs, and that it is known what a leaked key would expose.
//
//	report, err := census.Take(ctx, ring, []source.Source{source.Dir(root, region, nil)}, nil)
//	…
//	err = ring.Destroy(ctx, id, &report.Census)
//
// [Take] opens every message. One counts under the key that its header names, whether it opens or not. What does not
// open is listed, with where it is and why.
//
// A census allows no destruction unless it has seen everything. So a source that cannot be read to its end leaves it
// unfinished, and a single record that nobody could read is counted as unread: it may be of any key.
package census
