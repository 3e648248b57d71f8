package source

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/sealwax/sealwax/internal/durable"
)

// swapMark is in the name of a staged file that is about to change places with the file it is for:
//
//	NAME.swap-SUM-SUM
//
// The sums are those of the content that is to be replaced and of the new one. So whoever finds the file after a kill knows
// whether it is one of the two, or what a third program wrote in that very moment.
const swapMark = ".swap-"

// swap puts the staged file temp, of the sum becomes, in the place of name, provided that what is there has the sum was:
// else it returns ErrChanged, and what is there stays. Either way temp is gone.
//
// The two names are exchanged in one step, and what came out is looked at then. If that is not what was read, somebody has
// put it there meanwhile, and it goes back: so nothing that anybody put there by a rename is lost, and no reader ever finds
// the name missing. Who writes into the file itself, and does not replace it, is noticed only if that was before.
//
// It is for the caller to sync the directory.
func swap(dir folder, temp, name string, was, becomes sum) error {
	marked := name + swapMark + string(was) + "-" + string(becomes)
	if err := dir.Rename(temp, marked); err != nil {
		durable.Discard(dir, temp)
		return err
	}
	err := dir.Exchange(marked, name)
	switch {
	case errors.Is(err, durable.ErrNoExchange):
		return swapByRename(dir, marked, name, was)
	case errors.Is(err, fs.ErrNotExist):
		durable.Discard(dir, marked)
		return ErrChanged
	case err != nil:
		durable.Discard(dir, marked)
		return err
	}
	out, err := sumIn(dir, marked)
	if err == nil && out == was {
		return dir.Remove(marked)
	}
	return errors.Join(err, giveBack(dir, marked, name, becomes, out))
}

// giveBack undoes an exchange: name has what is ours, of the sum ours, and marked has what came out, of the sum theirs.
// Should somebody have replaced name again, then that is what stays there.
func giveBack(dir folder, marked, name string, ours, theirs sum) error {
	for {
		err := dir.Exchange(marked, name)
		if errors.Is(err, fs.ErrNotExist) { // taken away by somebody, after all that came out
			durable.Discard(dir, marked)
			return ErrChanged
		}
		if err != nil {
			return fmt.Errorf("%s has what was in %s, and could not be put back: %w", marked, name, err)
		}
		out, err := sumIn(dir, marked)
		if err != nil {
			return fmt.Errorf("%s has what was in %s, and cannot be read: %w", marked, name, err)
		}
		if out == ours {
			// A power cut must not take away the last name of what is theirs before it has its own back.
			if err := dir.SyncDir("."); err != nil {
				return fmt.Errorf("%w: %w", durable.ErrUnsynced, err)
			}
			durable.Discard(dir, marked)
			return ErrChanged
		}
		ours, theirs = theirs, out
	}
}

// swapByRename is swap where files cannot be exchanged: what another program renames to name between the last look and the
// rename, some microseconds later, is lost.
func swapByRename(dir folder, marked, name string, was sum) error {
	now, err := sumIn(dir, name)
	if err == nil && now != was {
		err = ErrChanged
	}
	if err == nil {
		err = dir.Rename(marked, name)
	}
	if err != nil {
		durable.Discard(dir, marked)
	}
	return err
}
