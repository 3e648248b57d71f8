package doctor

import (
	"strings"

	"github.com/sealwax/sealwax/wrappers"
)

const (
	useless  = "the KEK neither wraps nor unwraps: a start needs another one"
	moveAway = "put another KEK into the config and run 'keyring rewrap'"
)

// notEnabled are the states in which a key does nothing: what follows, and what helps.
var notEnabled = map[wrappers.KeyState]struct{ effect, next string }{
	wrappers.KeyDisabled: {useless, "enable the key at the provider, or " + moveAway},
	wrappers.KeyPendingDeletion: {useless + ", and once the key is gone nothing opens its stanza again, in backups neither",
		"cancel the deletion at the provider, or " + moveAway},
	wrappers.KeyDestroyed: {useless + ", and nothing opens its stanza again, in backups neither", "take the block out of the config, " + moveAway},
}

func keyState(ch *chart, i *wrappers.Inspection) {
	const check = "key-state"
	if i.State == "" {
		if i.StateDetail != "" {
			ch.add(Finding{Severity: Note, Check: check, Found: i.StateDetail, Effect: "what that means for the KEK, encrypt and decrypt show"})
		}
		return
	}
	found := string(i.State)
	if i.StateDetail != "" && !strings.EqualFold(i.StateDetail, found) {
		found += " (" + i.StateDetail + ")"
	}
	bad, known := notEnabled[i.State]
	if !known {
		ch.ok(check, "%s", found)
		return
	}
	ch.add(Finding{Severity: Problem, Check: check, Found: found, Cause: "somebody did this at the provider", Effect: bad.effect, Next: bad.next,
		unavailable: i.State == wrappers.KeyDisabled}) // which is mended by enabling it; the others are a loss
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
