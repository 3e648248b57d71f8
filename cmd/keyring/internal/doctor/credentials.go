package doctor

import (
	"fmt"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

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
		f.Severity, f.Found = Problem, fmt.Sprintf("%s, expired %s ago", f.Found, Span(-left))
		f.unavailable = true
	case i.Renewed:
		f.Found = fmt.Sprintf("%s, renewed automatically, valid for %s", f.Found, Span(left))
	case left < soonExpired:
		f.Severity, f.Found = Warning, fmt.Sprintf("%s, expire in %s, on %s", f.Found, Span(left), stamp(i.Expires))
	default:
		f.Found = fmt.Sprintf("%s, valid for %s, until %s", f.Found, Span(left), stamp(i.Expires))
	}
	if f.Severity != OK {
		f.Cause = "nothing renews them"
		if i.Renewed {
			f.Cause = "what renews them has failed"
		}
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
