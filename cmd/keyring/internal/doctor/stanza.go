package doctor

import "fmt"

// stanza is about what the keystore has for the KEK.
func (f *facts) stanza(ch *chart, change bool) {
	const check = "stanza"
	switch {
	case f.kept == nil:
		f.noStanza(ch, change)
	case f.WrapOnly():
		ch.add(Finding{Severity: Note, Check: check, Found: "there, and unproven; last proven: unknown",
			Effect: "only a recovery key shows that it opens", Next: "keyring recover --recovery-key FILE --check"})
	case f.opens() && f.kept.Share != 0:
		ch.ok(check, "gives its share, in %v", round(f.opened.Took))
	case f.opens():
		ch.ok(check, "opens the keystore, in %v", round(f.opened.Took))
	case f.givesShare():
		ch.add(Finding{Severity: Note, Check: check, Found: "unwraps to a share, which is unproven", Cause: "too few of the others in its group did",
			Effect: "whether it is the right one is not known", Next: "see what is found of the group, below"})
	case f.opened != nil:
		ch.fail(check, "does not open the keystore", startsWithout, f.opened.Err)
	}
	if f.kept != nil && f.owed {
		ch.add(Finding{Severity: Warning, Check: "owed", Found: "a fresh stanza is owed", Cause: "the KEK did not answer when the root was wrapped",
			Effect: "it keeps the stanza of before, under an older version of its key or of an older split", Next: "keyring rewrap"})
		return
	}
	f.group(ch)
	f.version(ch)
}

// group compares the group of the stanza with that of the config.
func (f *facts) group(ch *chart) {
	if f.kept == nil || !f.Active() || f.kept.Group == groupName(f.Group()) {
		return
	}
	ch.add(Finding{Severity: Warning, Check: "group", Found: fmt.Sprintf("the stanza is of the group %s, and the config says %s", f.kept.Group, groupName(f.Group())),
		Cause: "the config was changed after the root was wrapped", Effect: "it opens the keystore as before", Next: "keyring rewrap"})
}

func (f *facts) noStanza(ch *chart, change bool) {
	found := Finding{Severity: Problem, Check: "stanza", Found: "none", Cause: "the KEK came into the config after the root was wrapped",
		Effect: "it cannot open the keystore", Next: "keyring rewrap"}
	switch {
	case !f.Active():
		found = Finding{Severity: Note, Check: "stanza", Found: "none, and the KEK is inactive",
			Effect: "the block has no use", Next: "take it out of the config"}
	case f.owed:
		found.Severity, found.Found, found.Cause = Warning, "none, and it is owed one", "the KEK did not answer when the root was wrapped"
	case change:
		found = Finding{Severity: Note, Check: "stanza", Found: "none yet", Effect: "until it has one it does not open the keystore", Next: "keyring rewrap"}
	case f.stuck:
		found.Severity, found.Next = Warning, "keyring rewrap, once another KEK opens the keystore"
	}
	ch.add(found)
}

// version compares the version of the provider's key that made the stanza with the newest.
func (f *facts) version(ch *chart) {
	if f.kept == nil || f.kept.KeyVersion == "" {
		return
	}
	newest := ""
	if f.inspection != nil {
		newest = f.inspection.Version
	}
	if f.trip != nil && f.trip.wrapped != nil {
		newest = f.trip.wrapped.KeyVersion // in the spelling of stanzas
	}
	if newest == "" || newest == f.kept.KeyVersion {
		return
	}
	ch.add(Finding{Severity: Note, Check: "version", Found: fmt.Sprintf("made under version %s, and the newest is %s", f.kept.KeyVersion, newest),
		Cause: "the key was rotated at its provider", Effect: "the old version must stay usable there", Next: "keyring rewrap"})
}

// strayFindings are about stanzas of KEKs that the config does not name.
func (c *Case) strayFindings() []Finding {
	configured := make(map[string]bool)
	for _, p := range c.KEKs {
		configured[p.ID()] = true
	}
	var findings []Finding
	for _, s := range c.Keystore.Contents.Stanzas {
		if configured[s.KEK] {
			continue
		}
		ch := chart{subject: s.KEK}
		ch.add(Finding{Severity: Warning, Check: "stanza", Found: "there, but the KEK is not configured", Cause: "its block was taken out of the config",
			Effect: "who may use it still opens the keystore; whether it works is not known", Next: "keyring rewrap"})
		if c.Change {
			ch.findings[0].Severity, ch.findings[0].Effect = Note, "'keyring rewrap' drops it"
		}
		findings = append(findings, ch.findings...)
	}
	return findings
}
