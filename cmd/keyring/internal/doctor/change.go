package doctor

import (
	"fmt"
	"strings"
)

// changeFindings say what 'keyring rewrap' would do with a config that is not in use yet.
func (c *Case) changeFindings(all []*facts) []Finding {
	ch := &chart{subject: "change"}
	var proven, unproven []string
	for _, f := range all {
		switch {
		case !f.Active(), f.trip == nil:
		case f.trip.err == nil && !f.WrapOnly():
			proven = append(proven, f.ID())
		default:
			unproven = append(unproven, f.ID())
		}
	}
	if len(proven) == 0 {
		ch.add(Finding{Severity: Problem, Check: "rewrap", Found: "would be refused: no active KEK has wrapped and given back",
			Cause: "recovery recipients and inactive KEKs do not count", Effect: "the keystore keeps its stanzas", Next: "mend an active KEK, or add one"})
		return ch.findings
	}
	found := fmt.Sprintf("'keyring rewrap' would give %s a fresh stanza", strings.Join(proven, ", "))
	ch.ok("rewrap", "%s", found)
	return ch.findings
}
