package passphrase

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/term"

	"github.com/sealwax/sealwax/internal/secret"
)

var (
	errNoTerminal = errors.New("there is no terminal to ask at")
	errDiffer     = errors.New("the two passphrases differ")
)

// fromFile is a source that asks nobody.
type fromFile func() (secret.Bytes, error)

func (f fromFile) read(context.Context, bool) (secret.Bytes, error) { return f() }

func (f fromFile) asksPerson() bool { return false }

// terminal asks at the controlling terminal, not at standard input, which may be a file.
type terminal struct {
	label string
	open  func() (in, out *os.File, err error)
}

func (t *terminal) asksPerson() bool { return true }

func (t *terminal) read(ctx context.Context, confirm bool) (secret.Bytes, error) {
	in, out, err := t.open()
	if err != nil {
		return secret.Bytes{}, fmt.Errorf("%w: %v", errNoTerminal, err)
	}
	defer in.Close() // nothing that closing a terminal could lose
	if in != out {
		defer out.Close()
	}
	first, err := prompt(ctx, in, out, "Passphrase for "+t.label+": ")
	if err != nil || !confirm {
		return first, err
	}
	if first, err = checkLength(first); err != nil { // before it is typed a second time
		return first, err
	}
	again, err := prompt(ctx, in, out, "The same again: ")
	if err == nil && !first.Equal(again) {
		err = errDiffer
	}
	again.Clear()
	if err != nil {
		first.Clear()
		return secret.Bytes{}, err
	}
	return first, nil
}

// prompt reads a line without echo. It cannot stop reading when ctx ends, but then it turns the echo on again, so that
// a process that exits leaves a usable terminal behind.
func prompt(ctx context.Context, in, out *os.File, text string) (secret.Bytes, error) {
	fd := int(in.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return secret.Bytes{}, fmt.Errorf("%w: %v", errNoTerminal, err)
	}
	defer context.AfterFunc(ctx, func() { term.Restore(fd, before) })()
	if _, err := out.WriteString(text); err != nil {
		return secret.Bytes{}, err
	}
	line, err := term.ReadPassword(fd)
	out.WriteString("\n") // the one that was typed was not echoed either
	if err != nil {
		clear(line)
		return secret.Bytes{}, fmt.Errorf("read the passphrase: %w", err)
	}
	return secret.New(line), nil
}

func openTerminal() (in, out *os.File, err error) {
	if runtime.GOOS == "windows" {
		if in, err = os.OpenFile("CONIN$", os.O_RDWR, 0); err != nil {
			return nil, nil, err
		}
		if out, err = os.OpenFile("CONOUT$", os.O_RDWR, 0); err != nil {
			in.Close()
		}
		return in, out, err
	}
	in, err = os.OpenFile("/dev/tty", os.O_RDWR, 0)
	return in, in, err
}
