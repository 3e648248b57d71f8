package keyring_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// expectations say what becomes of a key that is as the row says when somebody does what the column says, and nothing comes
// in between. They are written down here once more, without a look at the code.
//
// A key is "!" if it is marked compromised, and "broken" if its DEK does not open or its suite is unknown; "unborn" is
// one that was retired without ever having been active. A cell is what the key is then; "." if it stays as it is though
// something is written, "=" if nothing is written, or the error for which nothing is written either.
const expectations = `
                      rotate    new-root  prepublish  date      activate  withdraw  mark        destroy     force       rewrap    lease
absent                .         .         .           .         unknown   unknown   unknown     unknown     unknown     .         .

prepublished          .         .         .           .         active    unborn    unborn!     state       state       .         .
prepublished!         .         .         .           .         state     unborn!   unborn!     state       state       .         .
prepublished-broken   .         .         .           .         unusable  unborn    unborn!     state       state       .         .
prepublished!-broken  .         .         .           .         state     unborn!   unborn!     state       state       .         .

active                retired   retired   .           .         state     state     retired!    state       state       .         .
active!               retired!  retired!  .           .         state     state     retired!    state       state       .         .
active-broken         retired   retired   .           .         state     state     retired!    state       state       .         .
active!-broken        retired!  retired!  .           .         state     state     retired!    state       state       .         .

retired               .         .         .           .         state     state     retired!    destroyed   destroyed   .         .
retired!              .         .         .           .         state     state     =           destroyed!  destroyed!  .         .
retired-broken        .         .         .           .         state     state     retired!    destroyed   destroyed   .         .
retired!-broken       .         .         .           .         state     state     =           destroyed!  destroyed!  .         .

unborn                .         .         .           .         state     state     unborn!     destroyed   destroyed   .         .
unborn!               .         .         .           .         state     state     =           destroyed!  destroyed!  .         .
unborn-broken         .         .         .           .         state     state     unborn!     destroyed   destroyed   .         .
unborn!-broken        .         .         .           .         state     state     =           destroyed!  destroyed!  .         .

destroyed             .         .         .           .         state     state     destroyed!  =           =           .         .
destroyed!            .         .         .           .         state     state     =           =           =           .         .
`

// expectedErrors are the errors that cells name, and those of environments.
var expectedErrors = map[string]func(error) bool{
	"unknown":   is(keyring.ErrUnknownKey),
	"state":     is(keyring.ErrState),
	"unusable":  is(keyring.ErrKeyUnusable),
	"conflict":  is(keystore.ErrConflict),
	"outcome":   is(keystore.ErrOutcomeUnknown),
	"failed":    is(errStore),
	"read-only": is(keyring.ErrReadOnly),
	"closed":    is(keyring.ErrClosed),
	"kek":       func(err error) bool { return wrappers.HasClass(err, wrappers.Later) },
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// cell is what is expected of a write.
type cell string

// refuses reports whether the cell is an error.
func (c cell) refuses() bool { return expectedErrors[string(c)] != nil }

// writes reports whether a generation is written.
func (c cell) writes() bool { return !c.refuses() && c != "=" }

// then returns what a key that was as before says is like after the cell.
func (c cell) then(before string) string {
	if !c.writes() || c == "." {
		return before
	}
	after := string(c)
	if strings.HasSuffix(before, "-broken") && !strings.HasPrefix(after, "destroyed") {
		after += "-broken"
	}
	return after
}

// parseExpectations returns the cell of each row and column, and the columns and rows in their order.
func parseExpectations() (cells map[string]map[string]cell, columns, rows []string) {
	cells = make(map[string]map[string]cell)
	for line := range strings.Lines(expectations) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case columns == nil:
			columns = words
		case len(words) != len(columns)+1 || cells[words[0]] != nil:
			panic(fmt.Sprintf("a row of another length, or once more: %q", line))
		default:
			rows = append(rows, words[0])
			cells[words[0]] = make(map[string]cell)
			for i, column := range columns {
				cells[words[0]][column] = cell(words[i+1])
			}
		}
	}
	return cells, columns, rows
}

// look says in the words of the rows what a key is.
func look(k *keystore.Key, broken bool) string {
	if k == nil {
		return "absent"
	}
	word := k.State.String()
	if k.State == keystore.Retired && k.Activated.IsZero() {
		word = "unborn"
	}
	if k.Compromised {
		word += "!"
	}
	if broken && k.State != keystore.Destroyed {
		word += "-broken"
	}
	return word
}
