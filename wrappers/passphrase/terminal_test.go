//go:build linux

package passphrase

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sealwax/sealwax/wrappers"
)

// pty is a terminal and the person at it.
type pty struct {
	*os.File // the person's end
	t        *testing.T
	screen   *bufio.Reader
	name     string
}

func newPTY(t *testing.T) *pty {
	t.Helper()
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(f.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &pty{File: f, t: t, screen: bufio.NewReader(f), name: fmt.Sprintf("/dev/pts/%d", n)}
}

func (p *pty) open() (in, out *os.File, err error) {
	in, err = os.OpenFile(p.name, os.O_RDWR|unix.O_NOCTTY, 0)
	return in, in, err
}

// answers types each line when its prompt is there, and reports what the screen then shows.
func (p *pty) answers(lines ...string) <-chan string {
	shown := make(chan string, 1)
	go func() {
		var all strings.Builder
		for _, line := range lines {
			text, _ := p.screen.ReadString(':')
			all.WriteString(text)
			time.Sleep(10 * time.Millisecond) // the echo goes off just after the prompt, and the kernel tells nobody
			p.WriteString(line + "\n")
		}
		rest, _ := p.screen.ReadString('\n')
		shown <- all.String() + rest
	}()
	return shown
}

func (p *pty) wrapper() *Wrapper {
	p.t.Helper()
	w, err := FromTerminal("KEK passphrase.safe", cheap)
	if err != nil {
		p.t.Fatal(err)
	}
	w.source.(*terminal).open = p.open
	return w
}

func TestTerminalAsksOnceToUnwrapAndTwiceToWrap(t *testing.T) {
	notUnderFIPS(t)
	p := newPTY(t)
	k := kekOver(t, p.wrapper())
	if !k.WaitsForPerson() {
		t.Error("a KEK that asks at the terminal must say so")
	}
	shown := p.answers(good, good)
	wrapped, err := k.Wrap(t.Context(), []byte("the root"), nil)
	if err != nil {
		t.Fatal(err)
	}
	screen := <-shown
	if !strings.HasPrefix(screen, "Passphrase for KEK passphrase.safe:") || !strings.Contains(screen, "The same again:") || strings.Contains(screen, "correct") {
		t.Errorf("the screen shows %q", screen)
	}
	if got, err := k.Unwrap(t.Context(), wrapped, nil); err != nil || string(got) != "the root" {
		t.Errorf("without asking again: %q, %v", got, err)
	}

	p = newPTY(t)
	k = kekOver(t, p.wrapper())
	p.answers(good)
	if got, err := k.Unwrap(t.Context(), wrapped, nil); err != nil || string(got) != "the root" {
		t.Errorf("asked once: %q, %v", got, err)
	}
	if _, err := k.Wrap(t.Context(), []byte("x"), nil); err != nil {
		t.Errorf("after it has opened something it need not be confirmed: %v", err)
	}
}

func TestWrongPassphraseIsForgotten(t *testing.T) {
	notUnderFIPS(t)
	wrapped, err := kekOver(t, newTest(t, good)).Wrap(t.Context(), []byte("the root"), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := newPTY(t)
	k := kekOver(t, p.wrapper())
	shown := p.answers("a passphrase that is wrong")
	_, err = k.Unwrap(t.Context(), wrapped, nil)
	want := "wrappers: unwrap with passphrase: it does not open: another passphrase, or the bytes were changed or wrapped in another place; run the command again to type another one"
	if err == nil || err.Error() != want || wrappers.ClassOf(err) != wrappers.Never {
		t.Errorf("got %v\nwant %s", err, want)
	}
	<-shown
	p.answers(good)
	if got, err := k.Unwrap(t.Context(), wrapped, nil); err != nil || string(got) != "the root" {
		t.Errorf("the second try: %q, %v", got, err)
	}
}

func TestPassphrasesThatAreNotTaken(t *testing.T) {
	notUnderFIPS(t)
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{good, good + "!"}, "the two passphrases differ; run the command again"},
		{[]string{""}, "a passphrase has 15 characters to 1024 bytes; give the right one; a new one must be longer, such as six random words"},
		{[]string{"hunter2"}, "a passphrase has 15 characters to 1024 bytes; give the right one; a new one must be longer, such as six random words"},
	} {
		p := newPTY(t)
		p.answers(c.lines...)
		_, err := kekOver(t, p.wrapper()).Wrap(t.Context(), []byte("x"), nil)
		if err == nil || err.Error() != "wrappers: wrap with passphrase: "+c.want || wrappers.ClassOf(err) != wrappers.Ask {
			t.Errorf("%q: got (%v) %v, want %s", c.lines, wrappers.ClassOf(err), err, c.want)
		}
	}
}

func TestNoTerminal(t *testing.T) {
	notUnderFIPS(t)
	p := &pty{t: t, name: "/dev/null"}
	for name, open := range map[string]func() (in, out *os.File, err error){
		"not there": func() (in, out *os.File, err error) { return nil, nil, errors.New("no such device or address") },
		"no tty":    p.open,
	} {
		w := p.wrapper()
		w.source.(*terminal).open = open
		_, err := kekOver(t, w).Wrap(t.Context(), []byte("x"), nil)
		if err == nil || !strings.HasPrefix(err.Error(), "wrappers: wrap with passphrase: there is no terminal to ask at: ") || wrappers.ClassOf(err) != wrappers.Ask {
			t.Errorf("%s: got (%v) %v", name, wrappers.ClassOf(err), err)
		}
	}
}

func TestEchoComesBackWhenNobodyWaits(t *testing.T) {
	notUnderFIPS(t)
	p := newPTY(t)
	k := kekOver(t, p.wrapper())
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := k.Wrap(ctx, []byte("x"), nil)
		done <- err
	}()
	if _, err := p.screen.ReadString(':'); err != nil {
		t.Fatal(err)
	}
	p.waitEcho(false)
	cancel()
	if err := <-done; wrappers.ClassOf(err) != wrappers.Later {
		t.Errorf("got %v", err)
	}
	p.waitEcho(true)
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	p.WriteString("\n") // lets the prompt end
}

func (p *pty) waitEcho(want bool) {
	p.t.Helper()
	for range 500 {
		state, err := unix.IoctlGetTermios(int(p.Fd()), unix.TCGETS)
		if err != nil {
			p.t.Fatal(err)
		}
		if (state.Lflag&unix.ECHO != 0) == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Errorf("the echo is not %v after 5 s", want)
}
