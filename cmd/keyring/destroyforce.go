package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/sealwax/sealwax/internal/plural"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// mayConfirm reports, before anything is looked at, why a destruction could not be confirmed.
func (c *cli) mayConfirm(id string, d destruction) error {
	switch {
	case !d.force && d.confirm != "":
		return errors.New("--confirm goes with --force")
	case !d.force || d.confirm == id:
		return nil
	case d.confirm != "":
		return fmt.Errorf("--confirm %.64q is not the ID that is to be destroyed, %s", d.confirm, id)
	case !c.onTerminal():
		return errors.New("--force wants the ID once more: with --confirm ID, since nobody can be asked here")
	}
	return nil
}

// onTerminal reports whether somebody can be asked.
func (c *cli) onTerminal() bool {
	f, ok := c.in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// destroyByForce says what is lost, and destroys the key once that is confirmed.
func (s *site) destroyByForce(ctx context.Context, ring *keyring.Ring, sources []source.Source, d destruction) error {
	var n *keyring.Census
	lost := "nobody knows how many messages: the config has no source"
	if len(sources) > 0 {
		var err error
		if n, err = s.count(ctx, ring, sources); ctx.Err() != nil {
			return err
		}
		if lost = lostBy(n, d.id); err != nil {
			lost, n = fmt.Sprintf("nobody knows how many messages, at least %s: %v", lost, err), nil
		}
	}
	fmt.Fprintf(s.cli.err, "keyring: with key %s is lost: %s\n", d.id, lost)
	if d.confirm == "" {
		if err := s.cli.askFor(ctx, d.id.String()); err != nil {
			return err
		}
	}
	return ring.DestroyForced(ctx, d.id, n)
}

// lostBy says what a census, which may be nil, counted of a key.
func lostBy(n *keyring.Census, id keystore.ID) string {
	if n == nil {
		return "none"
	}
	k := n.Keys[id]
	text := fmt.Sprintf("%s, %d bytes, in %s", plural.Of(k.Messages, "message"), k.Bytes, plural.Of(len(n.Sources), "source"))
	if n.Unread > 0 {
		text += fmt.Sprintf("; and perhaps some of %s that could not be read", plural.Of(n.Unread, "record"))
	}
	return text
}

// askFor has somebody type the ID.
func (c *cli) askFor(ctx context.Context, id string) error {
	fmt.Fprintf(c.err, "Type the ID once more to destroy it: ")
	line, err := c.readLine(ctx)
	if err != nil {
		return err
	}
	if strings.TrimSpace(line) != id {
		return usageError{errors.New("that is another ID: nothing was destroyed")}
	}
	return nil
}

// readLine reads a line of standard input until ctx is done.
func (c *cli) readLine(ctx context.Context) (string, error) {
	line, err := c.reading(ctx, func() ([]byte, error) { return bufio.NewReader(c.in).ReadBytes('\n') })
	return string(line), err
}
