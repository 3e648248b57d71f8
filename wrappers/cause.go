package wrappers

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxCause = 500     // bytes of a driver's text that an error shows
	maxLook  = 4 << 10 // bytes of it that are looked at: a driver may return an answer of 50 MB as its error
)

const withheld = "[the driver's text is withheld: it repeats the plaintext]"

// cause is an error from below with a text that may go to a log or a terminal.
//
// It has no Unwrap method: what walks a chain prints the texts that it meets there. errors.Is and errors.As look through
// it all the same, and who asks for a type of a driver's gets that error as the driver made it.
type cause struct {
	text string
	err  error
}

func (c *cause) Error() string { return c.text }

// Is makes errors.Is look through c.
func (c *cause) Is(target error) bool { return errors.Is(c.err, target) }

// As makes errors.As look through c.
func (c *cause) As(target any) bool { return errors.As(c.err, target) }

// causeOf returns err with a text on one line, of at most about 500 printable bytes, that repeats nothing of plaintext.
func causeOf(err error, plaintext []byte) *cause {
	return &cause{safeText(textOf(err), plaintext), err}
}

// withhold returns err as it is, or without its text if that repeats what a driver returned beside the error.
func withhold(err error, plaintext []byte) error {
	if safeText(textOf(err), plaintext[:min(len(plaintext), MaxPlaintext)]) != withheld {
		return err
	}
	return &cause{withheld, err}
}

// textOf takes an error of which the text panics, such as a nil pointer in an interface.
func textOf(err error) (text string) {
	defer func() {
		if recover() != nil {
			text = "an error that panics when it is printed"
		}
	}()
	return err.Error()
}

func safeText(text string, plaintext []byte) string {
	head := text[:min(len(text), maxLook)]
	if shows(head, plaintext) { // before folding and cutting, which would hide a part of it
		return withheld
	}
	line := strings.Map(printable, strings.Join(strings.Fields(head), " ")) // some drivers' errors have several lines
	if len(line) <= maxCause && len(head) == len(text) {
		return line
	}
	line = line[:min(len(line), maxCause)]
	return fmt.Sprintf("%s… (cut: %d bytes)", strings.ToValidUTF8(line, ""), len(text))
}

// printable replaces what could move a terminal's cursor, rename its window or reverse its text.
func printable(r rune) rune {
	if r == utf8.RuneError || !unicode.IsPrint(r) {
		return '?'
	}
	return r
}
