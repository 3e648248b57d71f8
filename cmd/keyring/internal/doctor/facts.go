package doctor

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// facts are what was learned of one KEK.
type facts struct {
	Patient
	person bool
	asked  bool // everything below was tried

	check      error // of what lies on this machine
	inspection *wrappers.Inspection
	inspectErr error
	host       *host // nil without an endpoint
	trip       *trip // nil of a KEK that is inactive
	kept       *keystore.Stanza
	owed       bool
	opened     *keyring.KEKReport // nil if it was not tried
	stuck      bool               // nothing has opened the keystore, so rewrap cannot either
}

// trip is a round trip: something wrapped and read back.
type trip struct {
	took    time.Duration
	wrapped *wrappers.Wrapped // nil with an error
	err     error
}

func newFacts(p Patient) *facts { return &facts{Patient: p, person: p.WaitsForPerson()} }

// learn asks everything that can be asked of the KEK alone. It comes before the round trip to ask for the key, so that
// what the round trip takes is what a call takes, without a login.
func (f *facts) learn(ctx context.Context, c *Case) {
	f.asked = true
	f.check = f.Check(ctx)
	found, err := f.Inspect(ctx)
	if found != nil && found.Endpoint != "" {
		f.host = c.lookUp(ctx, found.Endpoint)
	}
	if f.inspectErr = err; err == nil {
		f.inspection = found
	}
	if f.Active() {
		f.trip = newTrip(ctx, f.KEK, tripAAD(c.Keystore.Contents))
	}
}

// tripAAD has the form of what a keyring binds a root to, and names the keystore if there is one: a provider's policy may
// let through nothing else, as that in the documentation of awskms does not. What is wrapped with it cannot be taken for a
// root, as none has the zero ID.
func tripAAD(c *keystore.Contents) []byte {
	var ks, root keystore.ID
	if c != nil {
		ks = c.ID
	}
	return fmt.Appendf(nil, "sealwax/v1 keystore=%s root=%s", ks, root)
}

func newTrip(ctx context.Context, k *wrappers.KEK, aad []byte) *trip {
	payload := make([]byte, 32)
	rand.Read(payload)
	began := time.Now()
	wrapped, err := k.Wrap(ctx, payload, aad)
	return &trip{took: time.Since(began), wrapped: wrapped, err: err}
}

// stanzaOf notes what the keystore has for the KEK, and whether it opened.
func (f *facts) stanzaOf(c *keystore.Contents, report *keyring.Report) {
	if c == nil {
		return
	}
	for i := range c.Stanzas {
		if s := &c.Stanzas[i]; s.KEK == f.ID() && s.Provider == f.Provider() {
			f.kept = s
		}
	}
	for _, o := range c.Owed {
		f.owed = f.owed || o.KEK == f.ID() && o.Provider == f.Provider()
	}
	if report == nil || f.kept == nil {
		return
	}
	for i := range report.KEKs {
		if r := &report.KEKs[i]; r.KEK == f.ID() && !r.Owed && !f.WrapOnly() {
			f.opened = r
		}
	}
}

// errs returns what the provider's client said, nil where all went well.
func (f *facts) errs() []error {
	errs := []error{f.inspectErr}
	if f.trip != nil {
		errs = append(errs, f.trip.err)
	}
	if f.opened != nil {
		errs = append(errs, f.opened.Err)
	}
	return errs
}

// remote reports whether the KEK is at a provider that is spoken to over a network.
func (f *facts) remote() bool {
	return f.inspectErr != nil || f.inspection != nil && f.inspection.Endpoint != ""
}

// opens reports whether the KEK has just opened its stanza: it gave the root, or a share of it that was proven.
func (f *facts) opens() bool { return f.opened != nil && f.opened.Err == nil && !f.opened.Unproven }

// givesShare reports whether the KEK has unwrapped a share that too few others came to.
func (f *facts) givesShare() bool { return f.opened != nil && f.opened.Err == nil && f.opened.Unproven }

// values returns what monitoring may want to have as values.
func (f *facts) values() KEK {
	k := KEK{ID: f.ID(), Provider: f.Provider(), Active: f.Active()}
	if f.opened != nil && !f.givesShare() {
		opens := f.opens()
		k.Opens = &opens
	}
	if f.trip != nil && f.trip.err == nil {
		millis := f.trip.took.Milliseconds()
		k.RoundTripMillis = &millis
	}
	i := f.inspection
	if i == nil {
		return k
	}
	k.Endpoint, k.Identity, k.Credentials = i.Endpoint, i.Identity, i.Credentials
	k.State, k.Rotation, k.Version = string(i.State), i.Rotation, i.Version
	if !i.Expires.IsZero() {
		k.CredentialsUntil = utc(i.Expires)
	}
	if i.Certificate != nil {
		k.CertificateUntil = utc(i.Certificate.NotAfter)
	}
	if skew, known := skewOf(i); known {
		millis := skew.Milliseconds()
		k.ClockSkewMillis = &millis
	}
	return k
}

func utc(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Second)
	return &t
}
