package keyring

import (
	"fmt"
	"strings"
	"time"

	"github.com/sealwax/sealwax/internal/plural"
	"github.com/sealwax/sealwax/keystore"
)

// errDestroyed is the error for whoever needs a destroyed key: its story, as far as the tombstone has it. Everything in it
// is a number, a time or the ID, so it is of bounded length and there is no secret in it.
func errDestroyed(k *keystore.Key) error {
	var story strings.Builder
	if k.Activated.IsZero() {
		fmt.Fprintf(&story, "it was never active and was retired on %s", date(k.Retired))
	} else {
		fmt.Fprintf(&story, "it was active from %s to %s", date(k.Activated), date(k.Retired))
	}
	if k.Compromised {
		story.WriteString(", is marked compromised")
	}
	fmt.Fprintf(&story, ", and was destroyed on %s %s", date(k.Destroyed), verdictOf(k.Census))
	return fmt.Errorf("%w: %s: %s", ErrKeyDestroyed, k.ID, &story)
}

// verdictOf says on which count a key was destroyed.
func verdictOf(n *keystore.Census) string {
	counted := "no message"
	if n.Messages > 0 {
		counted = fmt.Sprintf("%s of it, %s, which nobody opens any more", plural.Of(n.Messages, "message"), plural.Of(n.Bytes, "byte"))
	}
	switch {
	case !n.Forced:
		return fmt.Sprintf("after a census of %s, taken on %s, had counted %s", plural.Of(n.Sources, "source"), date(n.Taken), counted)
	case n.Sources == 0:
		return "by force, without a census of its messages"
	}
	return fmt.Sprintf("by force; a census of %s, taken on %s, had counted %s", plural.Of(n.Sources, "source"), date(n.Taken), counted)
}

// date is how errors spell a time: as the file does.
func date(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }
