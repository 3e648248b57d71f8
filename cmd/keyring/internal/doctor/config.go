package doctor

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/plural"
	"github.com/sealwax/sealwax/internal/shell"
)

// configFindings are about the config, which could be read, and the environment.
func (c *Case) configFindings(all []*facts) []Finding {
	config := &chart{subject: "config"}
	config.ok("file", "%s names %s", c.File, plural.Of(len(c.KEKs), "KEK"))
	if info, err := (durable.OS{}).Stat(c.File); err == nil && info.Owner != durable.Unowned && info.Mode.Perm()&0o022 != 0 {
		config.add(Finding{Severity: Warning, Check: "mode", Found: "others can change " + c.File, Cause: fmt.Sprintf("its mode is %04o", info.Mode.Perm()),
			Effect: "they decide which KEKs get the root and which identity is trusted", Next: "chmod go-w " + shell.Path(c.File)})
	}
	return append(config.findings, c.environmentFindings(all)...)
}

// stateFindings are about what is remembered of the keystore. Whether the keystore is older than that is the keystore's
// finding.
func (c *Case) stateFindings() []Finding {
	ch := &chart{subject: "state"}
	const unseen = "a keystore that was set back to an older generation is not noticed"
	switch s := c.State; {
	case s.Err != nil && s.Path == "":
		ch.fail("seen", "there is no place to keep what was last seen", unseen, s.Err).Severity = Warning // commands go on without
	case s.Err != nil:
		ch.fail("seen", "what was last seen cannot be had", unseen, s.Err)
	case s.Seen.ID.IsZero() && c.Keystore.Contents != nil:
		ch.add(Finding{Severity: Note, Check: "seen", Found: "nothing was seen here yet", Effect: unseen + ", this once",
			Next: "keyring status, and compare the generation with that of the machine that writes"})
	case !s.Seen.ID.IsZero():
		ch.ok("seen", "generation %d of epoch %d", s.Seen.Generation, s.Seen.Epoch)
	}
	if dir := filepath.Dir(c.State.Path); c.State.Path != "" && within(dir, filepath.Dir(c.Keystore.Path)) {
		ch.add(Finding{Severity: Note, Check: "place", Found: dir + " is in the keystore's folder", Effect: "if both are set back together, nobody notices",
			Next: "set keystore.state in the config to a folder on another volume"})
	}
	return ch.findings
}

// within reports whether dir is the folder above, or in it.
func within(dir, above string) bool {
	dir, errA := filepath.Abs(dir)
	above, errB := filepath.Abs(above)
	rel, err := filepath.Rel(above, dir)
	return errA == nil && errB == nil && err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
