package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

// What an error says to do is told apart from why it came to that.
func TestCauseAndNext(t *testing.T) {
	kek := func(class wrappers.Class, hint, text string) error {
		return fmt.Errorf("keyring: %w", &wrappers.Error{KEK: "fake.eu", Provider: "fake", Op: "unwrap", Class: class, Hint: hint, Err: errors.New(text)})
	}
	for _, c := range []struct {
		err         error
		cause, next string
	}{
		{kek(wrappers.Ask, "grant it", "denied"), "denied", "grant it"},
		{kek(wrappers.Ask, "", "mode 0644; run: chmod 0600 kek.key"), "mode 0644", "chmod 0600 kek.key"},
		{kek(wrappers.Ask, "", "denied"), "denied", "mend what the cause says, then run 'keyring doctor' again"},
		{kek(wrappers.Later, "", "timeout"), "timeout", "run 'keyring doctor' again, and look at the provider if it stays like this"},
		{kek(wrappers.Never, "", "forged"), "forged", "compare the config with the keystore: 'keyring status' shows which key made the stanza"},
		{errors.New("denied\n  next: another user ran this; run: sudo chown 0 x"), "denied", "another user ran this; run: sudo chown 0 x"},
		{&fs.PathError{Op: "open", Path: "keystore.jsonl", Err: fs.ErrPermission}, "open keystore.jsonl: permission denied", "mend what the cause says, then run 'keyring doctor' again"},
		{fmt.Errorf("read: %w", context.DeadlineExceeded), "read: context deadline exceeded", "mend what the cause says, then run 'keyring doctor' again"},
		{errors.New("damaged"), "damaged", "mend what the cause says, then run 'keyring doctor' again"},
	} {
		if cause, next := causeAndNext(c.err); cause != c.cause || next != c.next {
			t.Errorf("%v: got %q and %q, want %q and %q", c.err, cause, next, c.cause, c.next)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "1 second", 2 * time.Second: "2 seconds", 119 * time.Second: "119 seconds", 2 * time.Minute: "2 minutes",
		119 * time.Minute: "119 minutes", 47 * time.Hour: "47 hours", 48 * time.Hour: "2 days", 365 * day: "365 days",
	} {
		if got := Span(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}

// A name server that says nothing leaves time for the round trip.
func TestSilentNameServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.inspect = says(wrappers.Inspection{Endpoint: "https://kms.example.com"})
		c := newCase(patient(t, "eu", f))
		c.Resolver = silent{}
		r := Examine(t.Context(), c)
		want(t, r.Findings, "warning fake.eu dns: kms.example.com has no address | context deadline exceeded")
		want(t, r.Findings, "ok fake.eu encrypt: allowed")
	})
}
