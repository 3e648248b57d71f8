package keyring

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// Options say what the caller knows about a keystore and how its ring shall behave. The zero value and nil work.
type Options struct {
	// Cluster and Region, each one DNS label, say where the caller lives. Create writes them into the keystore and requires
	// both. Load refuses a keystore of another one; an empty one is not checked.
	Cluster string
	Region  string

	// Identity is the pin: the public half of the identity that must have signed the keystore, or have handed over to the one
	// that did. Without it Load cannot tell the operator's keystore from one that somebody planted who can encrypt under the
	// KEK and write the store.
	Identity ed25519.PublicKey

	// Seen is what was last seen of this keystore, from Ring.Seen. An older or forked one is refused. The zero value
	// detects no rollback at start; an open ring always detects it.
	Seen keystore.Seen

	// RefreshInterval is how often the ring looks whether the store has changed: one stat if it has not. The default is
	// 30 s, or a third of the lease if that is shorter; a negative one never looks by itself.
	RefreshInterval time.Duration

	// Lease bounds how long the ring seals after its last successful refresh, in whole seconds. Zero means no bound of the
	// ring's own. Create writes it into the keystore, as a bound for every ring; Load takes the shorter of the two. The time
	// that a suspended machine sleeps does not count.
	Lease time.Duration

	// Wait is how long Load goes on asking KEKs that do not open the keystore now. Zero asks once: a command fails at
	// once, and a service is started again by whatever supervises it.
	//
	// Load waits while a KEK failed with an error of class Later, for which nobody has to act: a KMS that is down or busy, a
	// sealed Vault. It asks those again that said Ask too, as long as it waits for another; those that said Never only about a
	// keystore that has changed. When nobody says Later any more, or the store fails, Load ends at once. A KEK that asks a
	// person does so once, so a group that needs one is not waited for.
	//
	// Each KEK is asked in a rhythm of its own, after random pauses that grow to between 0 and 10 s, and the first that
	// answers opens the keystore: so a KMS that is back is found within 10 s, and one that hangs delays no other. Logger
	// hears of every attempt who failed, how, and when they are asked next. The keystore is read anew each time.
	Wait time.Duration

	// HedgeDelay is how long a KEK is waited for before the next one is asked as well. The default is that of
	// wrappers.UnwrapFirst.
	HedgeDelay time.Duration

	// Order says which KEK is asked first. The default is the order given, active ones before inactive ones, with those
	// after the others that did not answer lately.
	Order wrappers.Order

	// Groups are the groups that KEKs may name beside the default one, and how many of its members each needs: with 1
	// every member opens the keystore alone, as in the default group; with more, at most 255, each wraps a share of the
	// root, and so many shares open it. Any satisfied group opens the keystore. What a ring wraps, it wraps for these
	// groups, which must all have members then, and as many active ones as they need or none; an opening goes by the
	// groups that the keystore names.
	Groups map[string]int

	// PayInterval is about how soon a ring tries to pay a debt: to wrap the root for one of its active KEKs that the
	// keystore owes a stanza, since it did not answer when the root was wrapped. Each pause is up to half shorter or
	// longer by chance, so that of several servers one is first, and doubles up to an hour while the KEK stays away; one
	// that says Never is not asked again. The ring refreshes for that, unwraps the root with another KEK, and asks no
	// person. Where members of a group wrap shares, a debt means to split the root anew: a ring that does not have just
	// those which the keystore names leaves that to Rewrap. The default is a minute; a negative one leaves all to Rewrap,
	// and a read-only ring never pays.
	PayInterval time.Duration

	// Rotation says when a key is old, and how long its successor is known before it seals. [Ring.Maintain] goes by it.
	Rotation Rotation

	// Signing says which signing keys a new key has beside its sealing key. The zero value makes none.
	Signing Signing

	// Wear is where rings of this keystore count what each key has sealed, all of them together: a store of its own,
	// such as that of File.Beside. Read-only rings count too, so they have to be able to write it. Nil counts for this
	// ring alone, until Close.
	//
	// The ring writes to it once it has sealed something, then about every five minutes, more often if it seals much,
	// and at Close. Nothing depends on that: what cannot be written is kept in memory and logged once; a damaged file
	// is set aside and another one begun. A ring that is killed is charged with what it had leased, at most a sixteenth
	// of what a key may seal.
	Wear keystore.Store

	// Readers is how many processes have a ring of this store. With more than one Rotate first prepublishes the new
	// key, and seals with it only once all of them can have seen it: twice the RefreshInterval later. Zero is one.
	Readers int

	// ClockSkew is how far apart the clocks of those may be who share the store, and how long a write to it may take; from
	// 1 s, since times in the file are whole seconds. The default is 1 min.
	ClockSkew time.Duration

	// ReadOnly makes a ring that never writes: it does not keep what signs the keystore.
	ReadOnly bool

	// Logger receives what nobody can be told by an error: failed refreshes, KEKs that were passed over. The default
	// discards it. Nothing secret is logged.
	Logger *slog.Logger

	// Clock tells the time that is written into the keystore. The default is time.Now.
	Clock func() time.Time
}

const (
	defaultRefreshInterval = 30 * time.Second
	defaultPayInterval     = time.Minute
	defaultClockSkew       = time.Minute
	minClockSkew           = time.Second
)

// complete returns a copy of o, which may be nil, without unset fields.
func (o *Options) complete() (Options, error) {
	var v Options
	if o != nil {
		v = *o
	}
	if err := v.check(); err != nil {
		return v, err
	}
	v.Signing.Algorithms = slices.Clone(v.Signing.Algorithms)
	v.Signing.RSABits = cmp.Or(v.Signing.RSABits, defaultRSABits)
	v.Identity = bytes.Clone(v.Identity)
	v.Groups = maps.Clone(v.Groups)
	v.RefreshInterval = cmp.Or(v.RefreshInterval, defaultRefreshInterval)
	v.PayInterval = cmp.Or(v.PayInterval, defaultPayInterval)
	v.ClockSkew = max(cmp.Or(v.ClockSkew, defaultClockSkew), minClockSkew)
	if v.Logger == nil {
		v.Logger = slog.New(slog.DiscardHandler)
	}
	if v.Clock == nil {
		v.Clock = time.Now
	}
	return v, nil
}

// check refuses what cannot be meant: a pin of the wrong length, which may be an unset variable, must not pass for none.
func (o *Options) check() error {
	if o.Identity != nil && len(o.Identity) != ed25519.PublicKeySize {
		return fmt.Errorf("Options.Identity has %d bytes, and an identity has %d", len(o.Identity), ed25519.PublicKeySize)
	}
	if err := checkLease(o.Lease); err != nil {
		return fmt.Errorf("Options.Lease: %w", err)
	}
	if o.ClockSkew < 0 {
		return fmt.Errorf("Options.ClockSkew is %s, and no clocks are less than nothing apart", o.ClockSkew)
	}
	if o.Wait < 0 {
		return fmt.Errorf("Options.Wait is %s, and nobody waits for less than nothing", o.Wait)
	}
	if err := checkThresholds(o.Groups); err != nil {
		return err
	}
	if err := o.Rotation.check(); err != nil {
		return fmt.Errorf("Options.Rotation: %w", err)
	}
	if err := o.Signing.check(); err != nil {
		return fmt.Errorf("Options.Signing: %w", err)
	}
	return nil
}

// now returns the time as the format writes it.
func (o *Options) now() time.Time { return o.Clock().UTC().Truncate(time.Second) }

// expect returns what a keystore must satisfy before any of it is used.
func (o *Options) expect() *keystore.Expect {
	return &keystore.Expect{Cluster: o.Cluster, Region: o.Region, Identity: o.Identity, Seen: o.Seen}
}
