// Package neterror says what stood in the way of a connection, where that will not pass by itself.
//
// Every provider's client fails in the same few ways before the provider has said a word: the certificate is of an
// authority that nobody trusts, the name is in no DNS. What the operator does about it differs, as each provider has
// settings of its own, so each keeps its own hints and asks here which one is meant.
package neterror

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
)

// A Kind is a way in which no connection comes about.
type Kind int

const (
	// Other is everything else: refused, silent, cut. It may pass.
	Other Kind = iota
	// UnknownAuthority signed the server's certificate.
	UnknownAuthority
	// OtherName is in the server's certificate, and not the one that was called.
	OtherName
	// InvalidCertificate has expired, is not valid yet, or is not for a server: the clock may be wrong.
	InvalidCertificate
	// NoTLS is spoken by whoever answered.
	NoTLS
	// RefusedTLS is what the server did with ours: it may want a certificate.
	RefusedTLS
	// UnknownHost is a name that the DNS says it does not have.
	UnknownHost
)

// KindOf finds the kind of err, or of an error that it wraps. A client that passes errors on as text has no kinds.
func KindOf(err error) Kind {
	switch {
	case has[x509.UnknownAuthorityError](err):
		return UnknownAuthority
	case has[x509.HostnameError](err):
		return OtherName
	case has[x509.CertificateInvalidError](err):
		return InvalidCertificate
	case has[tls.RecordHeaderError](err), errors.Is(err, http.ErrSchemeMismatch):
		return NoTLS
	case refusedTLS(err):
		return RefusedTLS
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return UnknownHost
	}
	return Other
}

// refusedTLS finds an alert of the server's. Package tls has them inside of a net.OpError with these words, in a type of its
// own: its AlertError is for QUIC alone, and lends its texts here. An internal error may pass.
func refusedTLS(err error) bool {
	const internalError tls.AlertError = 80
	alert, ok := errors.AsType[*net.OpError](err)
	return ok && alert.Op == "remote error" && alert.Err.Error() != internalError.Error()
}

func has[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
