package discovery

import (
	"crypto/sha256"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// Keys are what a publisher publishes, and follows. A [keyring.Ring] is one.
type Keys interface {
	// VerificationKeys returns the keys of the present generation.
	VerificationKeys() []keyring.VerificationKey

	// Seen tells generations apart.
	Seen() keystore.Seen

	// Schedule says when another key becomes active, and how long it is known before.
	Schedule() keyring.Schedule

	// Refreshed is a time before which nothing was written that they lack, zero if their ring is closed.
	Refreshed() time.Time
}

var _ Keys = (*keyring.Ring)(nil)

// A Publisher serves the documents of some keys: see [Publisher.ServeHTTP]. It follows them, makes the documents once
// for each generation, and reads and waits for nothing. The ring's Options.Rotation must be that of whoever maintains the
// keystore, or the documents may be kept for too long. All methods may be called concurrently.
type Publisher struct {
	keys     Keys
	opts     Options
	jwksPath string
	openPath string // empty without an issuer
	edition  atomic.Pointer[edition]
}

// edition is the documents of one generation. It is immutable.
type edition struct {
	*Documents
	jwks, openID page
	digest       keystore.Digest // of the generation
	schedule     keyring.Schedule
	told         []string // the kids of damaged keys that the log has heard of
}

var (
	errClosed = errors.New("the ring is closed")
	errNoKeys = errors.New("there are no verification keys")
)

// New returns a publisher of keys, which stay the caller's. It is an error if o cannot be meant.
func New(keys Keys, o *Options) (*Publisher, error) {
	v, err := o.complete()
	if err != nil {
		return nil, err
	}
	p := &Publisher{keys: keys, opts: v, jwksPath: pathBelow(v.Issuer, jwksPath)}
	if v.Issuer != "" {
		p.openPath = pathBelow(v.Issuer, openIDPath)
	}
	return p, nil
}

// Documents returns what is published now, also when there is nothing to serve. The slices are not to be changed.
func (p *Publisher) Documents() *Documents { return p.current().Documents }

// served returns the edition to serve and how long it may be kept, or why there is none.
func (p *Publisher) served() (*edition, time.Duration, error) {
	refreshed := p.keys.Refreshed() // before the keys: they are not older than that
	if refreshed.IsZero() {
		return nil, 0, errClosed
	}
	e := p.current()
	if e.Keys == 0 {
		return nil, 0, errNoKeys
	}
	return e, p.opts.maxAge(&e.schedule, refreshed), nil
}

// current returns the edition of the keys' generation and of this time. Two requests may make one at once: they make
// the same, and only one of them keeps it and tells the log.
func (p *Publisher) current() *edition {
	digest := p.keys.Seen().Digest // before the keys, too: what is kept under it may be newer, and is then made again
	prev := p.edition.Load()
	if prev != nil && prev.digest == digest && (prev.Until.IsZero() || p.opts.Clock().Before(prev.Until)) {
		return prev
	}
	e := &edition{Documents: p.opts.documents(p.keys.VerificationKeys()), digest: digest, schedule: p.keys.Schedule()}
	e.jwks, e.openID = newPage(e.JWKS, "application/jwk-set+json"), newPage(e.OpenID, "application/json")
	if prev != nil {
		e.told = prev.told
	}
	fresh := e.tell()
	if p.edition.CompareAndSwap(prev, e) {
		for _, d := range fresh {
			p.opts.Logger.Error("discovery: a damaged verification key is left out; the others are served", "kid", d.KID, "error", d.Err)
		}
	}
	return e
}

// tell notes the damaged keys as told, and returns those that were not.
func (e *edition) tell() []Damaged {
	fresh := slices.DeleteFunc(slices.Clone(e.Damaged), func(d Damaged) bool { return slices.Contains(e.told, d.KID) })
	told := slices.Clone(e.told)
	for _, d := range fresh {
		told = append(told, d.KID)
	}
	e.told = told
	return fresh
}

// page is a document as it is served.
type page struct {
	body, kind, etag string
}

func newPage(body []byte, kind string) page {
	sum := sha256.Sum256(body)
	return page{string(body), kind, `"` + encode(sum[:16]) + `"`}
}
