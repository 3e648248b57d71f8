// Package rekey moves sealed messages to the active key of a ring: it re-seals, in a [source.Source], every message that is
// under another key, so that nothing needs the old ones any more.
//
//	report, err := rekey.Run(ctx, ring, src, nil)
//
// # What it does to a record
//
// A message under the active key is known by its header and left alone. Every other is opened and sealed again for the
// same place, and replaced by compare-and-swap: what somebody writes meanwhile always wins. A record that cannot be
// read, opened or replaced is reported and stays as it is; the next one follows. Only what concerns all of them ends a
// run: the ring, the walk through the source, a flush, the context.
//
// So a run can be killed at any point and begun again: what is done already is recognised without being opened. A run that
// ended by itself left nothing behind but what its report counts as Failed, Skipped or Other.
//
// # Keys that change meanwhile
//
// A rotation during the run, also by another process, is followed: from then on the new key seals. A message that waits
// to be written is sealed anew if its key was superseded meanwhile, and what is written is flushed within a quarter of
// the ring's lease, so that no message of a key appears after a census that allows its destruction. What had been
// re-sealed before is under a retired key again, and counted as Superseded: run again. A ring whose lease ran out is
// refreshed, for up to a minute.
//
// # How it runs
//
// One goroutine for each core reads a batch, opens and seals it, and writes what is next in the order of the source:
// reading and writing are turns that one of them takes at a time. So Replace and Flush are never called twice at once,
// though not always by the same goroutine. At most 16 MiB of messages are under way at once, or a batch of 128 KiB for
// each of some goroutines if that is more, or one message if that is longer; memory is some times that.
// Plaintexts are cleared as soon as their batch is sealed.
package rekey
