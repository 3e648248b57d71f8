package doctor

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

// opOf returns what a KEK was doing when it failed.
func opOf(err error) string {
	if e, ok := errors.AsType[*wrappers.Error](err); ok {
		return e.Op
	}
	return ""
}

// soonExpired is how long before their end credentials are warned of that nobody renews: a working day to act in.
const soonExpired = 24 * time.Hour

func credentials(ch *chart, i *wrappers.Inspection, now time.Time) {
	if i.Identity == "" && i.Credentials == "" && i.Expires.IsZero() {
		return
	}
	f := Finding{Severity: OK, Check: "credentials", Found: whose(i)}
	left := i.Expires.Sub(now)
	switch {
	case i.Expires.IsZero():
	case left <= 0:
		f.Severity, f.Found = Problem, fmt.Sprintf("%s, expired %s ago", f.Found, span(-left))
		f.unavailable = true
	case i.Renewed:
		f.Found = fmt.Sprintf("%s, renewed by themselves, valid for %s", f.Found, span(left))
	case left < soonExpired:
		f.Severity, f.Found = Warning, fmt.Sprintf("%s, expire in %s, on %s", f.Found, span(left), stamp(i.Expires))
	default:
		f.Found = fmt.Sprintf("%s, valid for %s, until %s", f.Found, span(left), stamp(i.Expires))
	}
	if f.Severity != OK {
		f.Cause = "nothing renews them"
		f.Effect = "after that the provider refuses every call"
		f.Next = "renew them where they come from" + where(i.Credentials)
	}
	ch.add(f)
}

func whose(i *wrappers.Inspection) string {
	switch {
	case i.Identity == "" && i.Credentials == "":
		return "of unknown origin"
	case i.Identity == "":
		return "from " + i.Credentials
	case i.Credentials == "":
		return i.Identity
	}
	return i.Identity + ", from " + i.Credentials
}

func where(source string) string {
	if source == "" {
		return ""
	}
	return ": " + source
}

// The clouds refuse signed requests of a clock that is 5 minutes off.
const (
	skewed     = 30 * time.Second
	skewedMuch = 4 * time.Minute
)

// skewOf returns by how much our clock is ahead. A provider gives whole seconds.
func skewOf(i *wrappers.Inspection) (skew time.Duration, known bool) {
	if i.ServerTime.IsZero() || i.LocalTime.IsZero() {
		return 0, false
	}
	skew = i.LocalTime.Sub(i.ServerTime)
	if skew > 0 && skew < time.Second {
		skew = 0
	}
	return skew, true
}

func clock(ch *chart, i *wrappers.Inspection) {
	skew, known := skewOf(i)
	if !known {
		return
	}
	way := "ahead of"
	if skew < 0 {
		way = "behind"
	}
	switch off := skew.Abs(); {
	case off <= skewed:
		ch.ok("clock", "agrees with the provider's to %v", max(time.Second, off.Round(time.Second)))
	default:
		f := Finding{Severity: Warning, Check: "clock", Found: fmt.Sprintf("%s %s the provider's", span(off), way),
			Cause:  "one of the two clocks is not synchronised",
			Effect: "credentials and certificates seem to expire at another time; providers refuse requests from 5 minutes on",
			Next:   "timedatectl status"}
		if off > skewedMuch {
			f.Severity = Problem
		}
		ch.add(f)
	}
}

func keyState(ch *chart, i *wrappers.Inspection) {
	detail := i.StateDetail
	if detail == "" || strings.EqualFold(detail, string(i.State)) {
		detail = ""
	} else {
		detail = " (" + detail + ")"
	}
	f := Finding{Severity: Problem, Check: "key-state", Found: string(i.State) + detail, Cause: "somebody did this at the provider",
		Effect: "the KEK neither wraps nor unwraps: a start needs another one"}
	switch i.State {
	case "":
		return
	case wrappers.KeyEnabled:
		f = Finding{Severity: OK, Check: "key-state", Found: f.Found}
	case wrappers.KeyDisabled:
		f.Next, f.unavailable = "enable the key at the provider, or put another KEK into the config and run 'keyring rewrap'", true
	case wrappers.KeyPendingDeletion:
		f.Effect += ", and once the key is gone nothing opens its stanza again, in backups neither"
		f.Next = "cancel the deletion at the provider, or put another KEK into the config and run 'keyring rewrap'"
	case wrappers.KeyDestroyed:
		f.Effect += ", and nothing opens its stanza again, in backups neither"
		f.Next = "take the block out of the config, put another KEK there, and run 'keyring rewrap'"
	}
	ch.add(f)
	rotation(ch, i)
}

func rotation(ch *chart, i *wrappers.Inspection) {
	version := ""
	if i.Version != "" {
		version = ", newest version " + i.Version
	}
	switch i.Rotation {
	case "":
		if i.Version != "" {
			ch.ok("rotation", "newest version %s", i.Version)
		}
	case "off":
		ch.add(Finding{Severity: Note, Check: "rotation", Found: "off" + version,
			Effect: "the key at the provider stays what it is until somebody rotates it",
			Next:   "if your policy asks for it, switch it on at the provider; run 'keyring rewrap' after each"})
	default:
		ch.ok("rotation", "%s%s", i.Rotation, version)
	}
}

// rights are those that the provider told of. What the KEK needs, the round trip shows.
func rights(ch *chart, i *wrappers.Inspection) {
	var untried []string
	var why error
	for _, r := range i.Rights {
		switch {
		case r.Err == nil:
			ch.ok("right", "%s allowed", r.Name)
		case wrappers.HasClass(r.Err, wrappers.Later):
			untried, why = append(untried, r.Name), r.Err
		default:
			f := Finding{Severity: Note, Check: "right", Found: r.Name + " not allowed",
				Effect: "something is not seen or not done; what opening and wrapping need is under decrypt and encrypt"}
			f.Cause, f.Next = causeAndNext(r.Err)
			ch.add(f)
		}
	}
	if why != nil {
		f := Finding{Severity: Warning, Check: "right", Found: "not tried: " + strings.Join(untried, ", "), Effect: "what is allowed is not known"}
		f.Cause, f.Next = causeAndNext(why)
		ch.add(f)
	}
}
