package doctor

import (
	"fmt"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

const startsWithout = "it cannot open the keystore: a start needs another KEK"

// findings says what to make of the facts, in the order in which one depends on the other.
func (f *facts) findings(c *Case) []Finding {
	ch := &chart{subject: f.ID()}
	f.settings(ch)
	f.fileModes(ch, c.Keystore.Path)
	if f.asked {
		f.answers(ch, c.Now(), c.Change)
	} else {
		ch.add(Finding{Severity: Note, Check: "person", Found: "not asked, since it waits for a person",
			Effect: "whether it opens the keystore is not known", Next: asking(c.Change)})
	}
	if c.Keystore.Contents != nil {
		f.stanza(ch, c.Change)
	}
	return ch.findings
}

// answers are what was learned by asking.
func (f *facts) answers(ch *chart, now time.Time, change bool) {
	f.resolved(ch)
	f.refusedCertificate(ch)
	f.inspected(ch)
	if i := f.inspection; i != nil {
		certificate(ch, i, now)
		credentials(ch, i, now)
		clock(ch, i)
		keyState(ch, i)
		rotation(ch, i)
		rights(ch, i)
	}
	f.encrypts(ch, change)
	f.decrypts(ch)
	f.latency(ch)
}

func (f *facts) settings(ch *chart) {
	if f.check != nil {
		ch.fail("settings", "what the config names cannot be used", "the KEK can neither wrap nor unwrap", f.check)
		return
	}
	state := "active"
	if !f.Active() {
		state = "inactive: it may open its stanza and gets no fresh one"
	}
	ch.ok("settings", "%s", state)
}

// inspected only says why nothing was learned: what was learned has findings of its own.
func (f *facts) inspected(ch *chart) {
	if f.inspectErr != nil {
		ch.fail("inspect", "the provider tells nothing about the key", "its state, rights and credentials are not known", f.inspectErr)
	}
}

// encrypts says whether the KEK wraps. Who may only decrypt can do what a reader has to: that is a problem only where the
// keystore is about to be wrapped.
func (f *facts) encrypts(ch *chart, change bool) {
	const check = "encrypt"
	switch {
	case f.trip == nil:
		ch.ok(check, "not tried: the KEK is inactive")
	case !f.wraps():
		found := ch.fail(check, "does not wrap", "'keyring rewrap' and 'keyring rotate --new-root' leave it without a fresh stanza", f.trip.err)
		if !change && f.opens() && wrappers.HasClass(f.trip.err, wrappers.Ask) {
			found.Severity, found.Effect = Warning, found.Effect+"; a process that only opens the keystore needs no more"
		}
	default:
		ch.ok(check, "allowed")
	}
}

// wraps reports whether the way there of the round trip went well.
func (f *facts) wraps() bool {
	return f.trip != nil && (f.trip.err == nil || opOf(f.trip.err) == "read back")
}

func (f *facts) decrypts(ch *chart) {
	const check = "decrypt"
	switch {
	case f.WrapOnly():
		ch.ok(check, "not tried: only the recovery key unwraps")
	case f.wraps() && f.trip.err != nil:
		ch.fail(check, "does not give back what it wrapped", startsWithout, f.trip.err)
	case f.wraps(), f.opens(), f.givesShare():
		ch.ok(check, "allowed")
	case f.opened != nil:
		ch.fail(check, "does not unwrap", startsWithout, f.opened.Err)
	default:
		ch.add(Finding{Severity: Note, Check: check, Found: "not tried: there is nothing to unwrap",
			Effect: "whether it can open a stanza is not known", Next: "mend what is found above, then run 'keyring doctor' again"})
	}
}

const (
	slow     = time.Second                 // the hedge delay: the next KEK is asked as well
	verySlow = wrappers.DefaultTimeout / 2 // some attempts will not make it
)

func (f *facts) latency(ch *chart) {
	if f.trip == nil || f.trip.err != nil {
		return
	}
	found := Finding{Severity: OK, Check: "latency", Found: fmt.Sprintf("%v to %s", round(f.trip.took), f.whatItDid())}
	switch {
	case f.person: // who types does not hurry
	case f.trip.took > verySlow:
		found.Severity, found.Effect = Warning, fmt.Sprintf("an attempt is given up after %v", wrappers.DefaultTimeout)
	case f.trip.took > slow:
		found.Severity, found.Effect = Note, "of several KEKs the next one is asked before this one has answered"
	}
	if found.Severity != OK {
		found.Next = "look at the way to the provider, or at its region; put a faster KEK beside it"
	}
	ch.add(found)
}

func (f *facts) whatItDid() string {
	if f.WrapOnly() {
		return "wrap"
	}
	return "wrap and unwrap"
}
