package doctor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// host is what is known of the place that a provider is at.
type host struct {
	name      string
	proxy     string // its host; "" for a direct way
	literal   bool   // name is an address
	addresses []string
	err       error
}

// lookUpTimeout leaves time for the round trip, which may have found the name already.
const lookUpTimeout = 5 * time.Second

var errProxy = errors.New("the variable with the proxy holds no URL") // net/http's own text repeats it, with a password perhaps

// lookUp finds the addresses of an endpoint, unless a proxy is to do so. It returns nil for what is no URL.
func (c *Case) lookUp(ctx context.Context, endpoint string) *host {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	h := &host{name: u.Hostname()}
	proxy, err := c.Proxy(&http.Request{URL: u})
	switch {
	case err != nil:
		h.err = errProxy
	case proxy != nil:
		h.proxy = proxy.Host
	case net.ParseIP(h.name) != nil:
		h.literal = true
	default:
		ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
		defer cancel()
		h.addresses, h.err = c.Resolver.LookupHost(ctx, h.name)
	}
	return h
}

func (f *facts) resolved(ch *chart) {
	const check = "dns"
	h := f.host
	switch {
	case h == nil:
		f.unresolved(ch)
	case h.err == errProxy:
		ch.fail(check, "the proxy for "+h.name+" is not known", "the provider is not reached", h.err)
	case h.err != nil:
		f.unknownHost(ch, h.name, h.err)
	case h.proxy != "":
		ch.add(Finding{Severity: Note, Check: check, Found: h.name + " is looked up by the proxy " + h.proxy,
			Cause: "HTTPS_PROXY or HTTP_PROXY applies to it", Effect: "whether the name is known here does not matter, but the proxy does",
			Next: "if that is not meant, add " + h.name + " to NO_PROXY"})
	case h.literal:
		ch.ok(check, "not needed: %s is an address", h.name)
	default:
		ch.ok(check, "%s is %s", h.name, strings.Join(h.addresses, ", "))
	}
}

// unresolved finds a name that is not known in what the provider's client said, where the provider did not say at which
// endpoint it is.
func (f *facts) unresolved(ch *chart) {
	for _, err := range f.errs() {
		if dns, ok := errors.AsType[*net.DNSError](err); ok {
			f.unknownHost(ch, dns.Name, err)
			return
		}
	}
}

func (f *facts) unknownHost(ch *chart, name string, err error) {
	found := ch.fail("dns", name+" has no address", "the provider is not reached", err)
	found.Next, found.unavailable = "getent hosts "+name, true
	if f.trip != nil && f.trip.err == nil {
		found.Severity, found.Effect = Warning, "the round trip worked all the same; a new connection may not"
	}
}
