package keystore

import (
	"fmt"
	"time"
)

// legacySuite is the first of the suites that open only.
const legacySuite = 0x80

// checkKeys checks the rules for all keys together, and each key.
func checkKeys(c *Contents) *violation {
	seen := map[ID]bool{}
	var active *Key
	var last time.Time
	for i := range c.Keys {
		k := &c.Keys[i]
		what := checkKey(k, c.Written)
		switch {
		case what != "":
		case seen[k.ID]:
			what = "there are two"
		case k.Created.Before(last):
			what = "created before the key on the line before"
		case k.State == Active && active != nil:
			what = fmt.Sprintf("active, and so is %s", active.ID)
		}
		if what != "" {
			return &violation{2 + i, fmt.Sprintf("key %s: %s", k.ID, what)}
		}
		seen[k.ID], last = true, k.Created
		if k.State == Active {
			active = k
		}
	}
	return nil
}

func checkKey(k *Key, written time.Time) string {
	for _, check := range []func(*Key) string{checkSuite, checkState, checkTimes, checkSecrets, checkCensus} {
		if what := check(k); what != "" {
			return what
		}
	}
	if latest(k).After(written) {
		return "a time after the file was written"
	}
	return ""
}

func checkSuite(k *Key) string {
	if k.Suite >= legacySuite {
		if k.State == Prepublished || k.State == Active {
			return fmt.Sprintf("%s, though suite %d only opens", k.State, k.Suite)
		}
		return ""
	}
	if !k.ID.isV7() {
		return fmt.Sprintf("not a UUIDv7, though suite %d is no legacy suite", k.Suite)
	}
	return ""
}

// checkState: the time of its state is there, no later state's is. A key can be retired without ever having been active.
func checkState(k *Key) string {
	for _, field := range []struct {
		name            string
		is              time.Time
		wanted, allowed bool
	}{
		{"activates", k.Activates, false, k.State == Prepublished},
		{"activated", k.Activated, k.State == Active, k.State >= Active},
		{"retired", k.Retired, k.State >= Retired, k.State >= Retired},
		{"destroyed", k.Destroyed, k.State == Destroyed, k.State == Destroyed},
	} {
		if field.wanted && field.is.IsZero() {
			return fmt.Sprintf("no time in %q, though it is %s", field.name, k.State)
		}
		if !field.allowed && !field.is.IsZero() {
			return fmt.Sprintf("a time in %q, though it is %s", field.name, k.State)
		}
	}
	return ""
}

func checkTimes(k *Key) string {
	last := k.Created
	for _, t := range []time.Time{k.Activates, k.Activated, k.Retired, k.Destroyed} {
		if t.IsZero() {
			continue
		}
		if t.Before(last) {
			return "its times are out of order"
		}
		last = t
	}
	return ""
}

func checkSecrets(k *Key) string {
	if k.State == Destroyed {
		if k.SealedDEK != nil || len(k.Signing) > 0 {
			return "destroyed, but secrets are left"
		}
		return ""
	}
	if k.SealedDEK == nil {
		return fmt.Sprintf("no sealed key, though it is %s", k.State)
	}
	for i, s := range k.Signing {
		for _, before := range k.Signing[:i] {
			if s.Algorithm == before.Algorithm {
				return fmt.Sprintf("two signing keys for %s", s.Algorithm)
			}
		}
	}
	return ""
}

func checkCensus(k *Key) string {
	n := k.Census
	switch {
	case k.State != Destroyed && n != nil:
		return fmt.Sprintf("a census, though it is %s", k.State)
	case k.State != Destroyed:
		return ""
	case n == nil:
		return "destroyed without a census"
	case n.Taken.After(k.Destroyed):
		return "its census was taken after it was destroyed"
	case n.Messages > 0 && !n.Forced:
		return fmt.Sprintf("destroyed with %d messages left, but not forced", n.Messages)
	case n.Messages == 0 && n.Bytes > 0:
		return fmt.Sprintf("its census has %d bytes but no message", n.Bytes)
	}
	return ""
}

// latest returns the last time of k that had come when the file was written.
func latest(k *Key) time.Time {
	for _, t := range []time.Time{k.Destroyed, k.Retired, k.Activated} {
		if !t.IsZero() {
			return t
		}
	}
	return k.Created
}
