package gcpckms

import (
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
)

// All of many calls whose credentials are refused at once go on with the new ones, over one new connection, and the old one
// is closed when the last of them has left it.
func TestReloadByManyAtOnce(t *testing.T) {
	s := start(t)
	running := goleak.IgnoreCurrent()
	k, err := wrappers.New(newWrapper(t, s.config()), nil)
	if err != nil {
		t.Fatal(err)
	}
	w := wrap(t, k)
	before := s.Connections()
	s.account.Revoke()
	s.account.Renew(t)
	var calls sync.WaitGroup
	for range 64 {
		calls.Go(func() {
			if _, err := k.Unwrap(t.Context(), w, kektest.AAD); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if n := s.Connections() - before; n != 1 {
		t.Errorf("%d new connections, want 1", n)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, running)
}

// A person's token is withdrawn while it is in use: the file is the same, and gives another one.
func TestTokenThatIsWithdrawn(t *testing.T) {
	s := start(t)
	c := s.config()
	c.Credentials = filepath.Join(t.TempDir(), "person.json")
	s.NewPerson(t, c.Credentials)
	k := newKEK(t, c)
	w := wrap(t, k)
	s.ForgetTokens()
	before := s.Count()
	wantOpen(t, k, w)
	if n := s.Count() - before; n != 3 {
		t.Errorf("%d requests, want 3: one that is refused, one for a token, one that is answered", n)
	}
}

// The file may not have been replaced yet: what Cloud KMS said is what the operator sees.
func TestNothingToReload(t *testing.T) {
	s := start(t)
	k := newKEK(t, s.config())
	w := wrap(t, k)
	s.account.Revoke()
	before := s.Count()
	for range 2 {
		_, err := k.Unwrap(t.Context(), w, kektest.AAD)
		wantError(t, err, wrappers.Ask, "Request had invalid authentication credentials")
	}
	if n := s.Count() - before; n != 2 {
		t.Errorf("%d requests, want 2: the same key is not tried twice", n)
	}
}
