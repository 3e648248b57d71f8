package main

import (
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// warn adds what an operator should act on.
func (r *status) warn(s *site, contents *keystore.Contents) {
	r.warnKeys(contents)
	if lease := s.config.Keystore.Lease; contents.Lease == 0 && lease != 0 {
		r.add("the keystore has no lease, and the config has one of %v: run 'keyring lease %v'", lease, lease)
	}
	r.warnPin(s)
	r.warnKEKs()
	r.warnGroups(s.groups())
}

func (r *status) add(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

func (r *status) warnPin(s *site) {
	if !r.Keystore.Pinned {
		r.add("no identity is pinned: compare it with what 'keyring init' printed, then put identity = %q into the keystore block of %s",
			r.Keystore.Identity, s.config.File)
	} else if pin := keystore.FormatPin(s.config.Keystore.Identity); pin != r.Keystore.Identity {
		r.add("the pinned identity has handed over: compare the new one with what 'keyring rotate --new-root' printed, then put identity = %q into the keystore block of %s",
			r.Keystore.Identity, s.config.File)
	}
}

func (r *status) warnKEKs() {
	for _, k := range r.KEKs {
		switch {
		case k.Owed && k.Active:
			r.add("%s is owed a stanza since %s: run 'keyring rewrap' when it answers", k.ID, k.OwedSince.Format(time.RFC3339))
		case k.Owed && !k.Stanza:
			r.add("%s is owed a stanza, and is inactive or not in the config: run 'keyring rewrap' to write the debt off", k.ID)
		case k.Configured && k.Active && !k.Stanza:
			r.add("%s has no stanza and cannot open the keystore: run 'keyring rewrap'", k.ID)
		case !k.Configured:
			r.add("%s can open the keystore but is not configured: run 'keyring rewrap' to drop it", k.ID)
		case k.Group != k.wanted:
			r.add("%s is in the group %s, and in the group %s of the config: run 'keyring rewrap'", k.ID, k.Group, k.wanted)
		}
	}
}

// warnKeys adds what is amiss with keys.
func (r *status) warnKeys(contents *keystore.Contents) {
	if r.Active == nil {
		r.add("no key is active: run 'keyring rotate'")
	}
	for _, k := range contents.Keys {
		switch {
		case !k.Compromised || k.State == keystore.Destroyed:
		case k.State == keystore.Active:
			r.add("key %s is marked compromised, and is the active one: run 'keyring rotate', then 'keyring rekey'", k.ID)
		case k.Activated.IsZero():
			r.add("key %s is marked compromised, and has sealed nothing: run 'keyring destroy %s'", k.ID, k.ID)
		default:
			r.add("key %s is marked compromised, and still opens what it sealed: run 'keyring rekey', then 'keyring destroy %s'", k.ID, k.ID)
		}
	}
}
