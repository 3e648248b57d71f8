package doctor

import (
	"strings"

	"github.com/sealwax/sealwax/wrappers"
)

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
