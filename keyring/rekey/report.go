package rekey

// Counts are how many records a run has met, and what became of them. Each of Records is in one of the others.
type Counts struct {
	Records  int64
	Resealed int64 // moved to the active key; in a dry run, those that would be
	Current  int64 // under the active key already
	Skipped  int64 // written or taken away by somebody else meanwhile, and not yet seen under the active key
	Other    int64 // of keys that Options.Keys does not name, or, if it names some, no message
	Failed   int64 // could not be read, opened or replaced, and are as they were
	Bytes    int64 // of the messages that were re-sealed, as they were before
}

// A Report says what a run did.
type Report struct {
	Counts

	// Failures say which records failed, the first thousand of them.
	Failures []Failure

	// Superseded is how many of Resealed are under a key that is not active any more, since it was rotated meanwhile:
	// another run moves them.
	Superseded int64

	// Cursor is that of the last record before which everything is settled and, as far as it was replaced, flushed: a
	// run that did not come to its end is continued with Options.After. "" if there is none.
	Cursor string
}

// A Failure is a record that stays as it is, and why.
type Failure struct {
	Where string
	Cause error
}

// Progress says how far a run is.
type Progress struct {
	Counts
	Total  int64  // records that there are, about; 0 if that is not known
	Cursor string // of the last record that was settled
}

// maxFailures bounds the memory of a run in which everything fails.
const maxFailures = 1000

func (w *writer) progress() Progress {
	return Progress{Counts: w.tally.Counts, Total: w.total, Cursor: w.tally.cursor}
}

func (w *writer) report() *Report {
	r := &Report{Counts: w.tally.Counts, Failures: w.tally.failures, Cursor: w.safe.cursor}
	if active, err := w.ring.ActiveKey(); err == nil && !w.opts.DryRun {
		r.Superseded = w.tally.superseded(active)
	}
	return r
}
