package doctor

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sealwax/sealwax/keystore"
)

// keystoreFindings are what can be seen of the keystore without a KEK.
func (c *Case) keystoreFindings() []Finding {
	ch := &chart{subject: "keystore"}
	k := &c.Keystore
	switch {
	case k.Err != nil:
		f := Finding{Severity: Problem, Check: "read", Found: "refused", Effect: "nothing starts with it; services that are running go on with what they hold"}
		f.Cause, f.Next = k.Err.Error(), k.Next
		if f.Next == "" {
			f.Cause, f.Next = causeAndNext(k.Err)
		}
		ch.add(f)
		return ch.findings
	case k.Contents == nil:
		ch.add(Finding{Severity: Note, Check: "read", Found: "there is none yet in " + k.Path, Effect: "nothing can be sealed", Next: "keyring init"})
		return ch.findings
	}
	now := c.Now()
	ch.ok("read", "generation %d of epoch %d, written %s ago, in %s", k.Contents.Generation, k.Contents.Epoch, Span(now.Sub(k.Contents.Written)), k.Path)
	ch.ok("mode", "%s; its folder %s", mode(k.Path), mode(filepath.Dir(k.Path)))
	k.pinned(ch, c.File)
	k.previous(ch)
	k.lease(ch)
	k.activeKey(ch, c.Now())
	k.rotation(ch, c.Now())
	k.compromised(ch)
	return ch.findings
}

func (k *Keystore) pinned(ch *chart, config string) {
	pin := keystore.FormatPin(k.Contents.Identity.Public)
	switch {
	case k.Pin == nil:
		ch.add(Finding{Severity: Warning, Check: "pin", Found: "no identity is pinned", Cause: "the keystore block has no identity",
			Effect: "who can encrypt under a KEK and write the file can plant a keystore",
			Next:   fmt.Sprintf("compare it with what 'keyring init' printed, then put identity = %q into the keystore block of %s", pin, config)})
	case !bytes.Equal(k.Pin, k.Contents.Identity.Public):
		ch.add(Finding{Severity: Warning, Check: "pin", Found: "the pinned identity has handed over to another", Cause: "a new root was made",
			Effect: "after the next new root this machine refuses the keystore",
			Next:   fmt.Sprintf("compare it with what 'keyring rotate --new-root' printed, then put identity = %q into the keystore block of %s", pin, config)})
	default:
		ch.ok("pin", "%s", pin)
	}
}

func (k *Keystore) previous(ch *chart) {
	if _, err := os.Stat(k.Previous); err == nil {
		ch.ok("previous", "the generation before is in %s", k.Previous)
		return
	}
	ch.add(Finding{Severity: Note, Check: "previous", Found: "the generation before is not kept", Cause: "there was none, or rewrap, rotate --new-root or destroy has removed it",
		Effect: "if the keystore is damaged, only a backup brings it back", Next: "see to it that there is a backup of this generation"})
}
