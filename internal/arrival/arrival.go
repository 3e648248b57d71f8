// Package arrival says what an HTTP answer shows of its server beside what was asked for.
package arrival

import (
	"crypto/x509"
	"net/http"
	"time"
)

// Of returns the server's own certificate, nil without TLS, and what its clock said, the zero time if it did not say.
func Of(answer *http.Response) (leaf *x509.Certificate, clock time.Time) {
	if answer.TLS != nil && len(answer.TLS.PeerCertificates) > 0 {
		leaf = answer.TLS.PeerCertificates[0]
	}
	clock, _ = http.ParseTime(answer.Header.Get("Date")) // zero if there is none
	return leaf, clock
}
