package doctor

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

const (
	day = 24 * time.Hour

	renewSoon = 30 * day
	renewNow  = 7 * day
)

// certificate looks at how long the provider's certificate is good for, and at a way without one.
func certificate(ch *chart, i *wrappers.Inspection, now time.Time) {
	const check = "tls"
	if i.Certificate == nil {
		inClear(ch, i.Endpoint)
		return
	}
	cert, left := i.Certificate, i.Certificate.NotAfter.Sub(now)
	soon, urgent := margins(cert)
	f := Finding{Severity: OK, Check: check, Found: fmt.Sprintf("certificate of %s, good for %s", nameOf(cert), Span(left))}
	switch {
	case left <= 0:
		f.Severity, f.Found = Problem, fmt.Sprintf("certificate of %s, expired %s ago", nameOf(cert), Span(-left))
	case left < urgent:
		f.Severity = Problem
	case left < soon:
		f.Severity = Warning
	}
	if f.Severity != OK {
		f.Cause = fmt.Sprintf("it ends on %s; it is by %s", stamp(cert.NotAfter), issuerOf(cert))
		f.Effect = "after that no call reaches the provider"
		f.Next = "have it renewed where the provider runs"
	}
	ch.add(f)
}

// refusedCertificate finds one that was not trusted in what the provider's client said.
func (f *facts) refusedCertificate(ch *chart) {
	for _, err := range f.errs() {
		refused, ok := errors.AsType[*tls.CertificateVerificationError](err)
		if !ok || len(refused.UnverifiedCertificates) == 0 {
			continue
		}
		cert := refused.UnverifiedCertificates[0]
		ch.fail("tls", fmt.Sprintf("certificate of %s by %s is not trusted", nameOf(cert), issuerOf(cert)), "no call reaches the provider", err)
		return
	}
}

// margins returns when to warn, and when it is too late for that. A certificate that lives for a few days is renewed by a
// machine, late in its life: a third and a tenth of that are left to notice that the machine has stopped.
func margins(cert *x509.Certificate) (soon, urgent time.Duration) {
	life := cert.NotAfter.Sub(cert.NotBefore)
	return min(renewSoon, life/3), min(renewNow, life/10)
}

func nameOf(cert *x509.Certificate) string {
	if len(cert.DNSNames) > 0 {
		return cert.DNSNames[0]
	}
	if len(cert.IPAddresses) > 0 {
		return cert.IPAddresses[0].String()
	}
	return cmp.Or(cert.Subject.CommonName, "no name")
}

func issuerOf(cert *x509.Certificate) string {
	if len(cert.Issuer.Organization) > 0 {
		return cert.Issuer.Organization[0]
	}
	return cmp.Or(cert.Issuer.CommonName, "an issuer without a name")
}

// inClear is about http: the root and the credentials travel as they are.
func inClear(ch *chart, endpoint string) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" {
		return
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		ch.ok("tls", "none, and %s is this machine", u.Host)
		return
	}
	ch.add(Finding{Severity: Warning, Check: "tls", Found: "none", Cause: "the address begins with http://",
		Effect: "who is on the way to " + u.Host + " reads the credentials and the root", Next: "use https:// in the config"})
}
