package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// Exit codes are API: monitoring acts on them.
const (
	exitDone        = 0 // also with a debt, which is a warning
	exitFailed      = 1 // not found, conflict, a key in another state, other version, I/O
	exitUsage       = 2 // the command line or the config
	exitWrong       = 3 // checked and found wrong
	exitUnavailable = 4 // a KEK is unavailable, or --timeout has passed: try later
)

// usageError is an error of the command line or the config.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// wrong are the errors that say: it was checked, and it is not what it should be.
var wrong = []error{
	keystore.ErrDamaged, keystore.ErrTampered, keystore.ErrForeign, keystore.ErrRolledBack, keystore.ErrForked,
	keystore.ErrContinuityUnknown,
	keyring.ErrOpen, keyring.ErrFormat, keyring.ErrUnknownKey, keyring.ErrKeyUnusable, keyring.ErrKeyDestroyed,
	errVerify, errDoctor, errOverdue, errMove, errCensus, errRekey,
	keyring.ErrKeyInUse, // somebody has to look at what was counted; ErrState is a refused command and no more
}

// exitCode returns the code that an error ends the command with. Wrong beats unavailable: who retries must not miss it.
func exitCode(err error) int {
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	for _, w := range wrong {
		if errors.Is(err, w) {
			return exitWrong
		}
	}
	switch {
	case errors.Is(err, keyring.ErrPinRequired):
		return exitUsage
	case wrappers.HasClass(err, wrappers.Never):
		return exitWrong
	case errors.Is(err, errUnavailable), wrappers.HasClass(err, wrappers.Later), wrappers.HasClass(err, wrappers.Ask):
		return exitUnavailable
	}
	if _, ok := errors.AsType[timeoutError](err); ok {
		return exitUnavailable
	}
	return exitFailed
}

// nextStep is what to run after an error, where the error itself cannot know it.
var nextStep = []struct {
	err  error
	text string
}{
	{errLost, "restore it, from a backup if need be, then run 'keyring status --accept-rollback' with the number of its generation"},
	{keyring.ErrExists, "look at it with 'keyring status'; a keystore is never replaced by a new one"},
	{keystore.ErrNotFound, "make one with 'keyring init', or check keystore.path in the config"},
	{keystore.ErrConflict, "somebody else is writing: look with 'keyring status', then run the command again if it is still wanted"},
	{keystore.ErrOutcomeUnknown, "run 'keyring status' to see which generation is there"},
	{keystore.ErrVersion, "use the release of keyring that wrote it, or a newer one"},
	{keystore.ErrDamaged, "accept the older generation that you bring back with 'keyring status --accept-rollback' and its number"},
	{keystore.ErrTampered, "somebody changed it who does not hold its root: find out who, and accept an older generation that you bring back with 'keyring status --accept-rollback' and its number"},
	{keystore.ErrRolledBack, "if you restored it on purpose, repeat the command with --accept-rollback and its generation"},
	{keystore.ErrForeign, "compare the config with the keystore; if two new roots were made since its identity was pinned or last seen here, ask who made them for the new one, pin it, and run 'keyring status --accept-rollback' with the generation"},
	{keystore.ErrForked, "if you restored it on purpose, repeat the command with --accept-rollback and its generation"},
	{keystore.ErrContinuityUnknown, "if you know it to be yours, repeat the command with --accept-rollback and its generation"},
	{keyring.ErrUnknownKey, "the message is of another keystore, or was altered"},
	{keyring.ErrOpen, "it was altered, or sealed for another namespace or path, or for another region"},
}

// explain returns the text of an error and what to run next.
func explain(err error) string {
	if next := stepAfter(err); next != "" {
		return fmt.Sprintf("%v\n  next: %s", err, next)
	}
	return err.Error()
}

// stepAfter returns what to run after an error, "" if the error itself says it.
func stepAfter(err error) string {
	if _, ok := errors.AsType[usageError](err); ok {
		return ""
	}
	for _, n := range nextStep {
		if !errors.Is(err, n.err) {
			continue
		}
		if n.err == keystore.ErrNotFound && errors.Is(err, fs.ErrNotExist) {
			return "" // nor is there a directory, and init makes none: the error has the command that does
		}
		return n.text
	}
	return ""
}
