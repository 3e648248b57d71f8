package awskms

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"

	"github.com/sealwax/sealwax/wrappers"
)

// classifyNetwork is about what happened before AWS answered, or instead.
func (w *Wrapper) classifyNetwork(err error) (wrappers.Class, string) {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
		alert    tls.AlertError
		dns      *net.DNSError
		file     *fs.PathError
		syntax   *json.SyntaxError
	)
	switch {
	case errors.As(err, &unknown):
		return wrappers.Ask, "set AWS_CA_BUNDLE to a file with the authority that signed the certificate; nothing else is trusted then"
	case errors.As(err, &hostname):
		return wrappers.Ask, "check endpoint: the certificate there is for other names"
	case errors.As(err, &invalid):
		return wrappers.Ask, "set the clock of this machine, or have the certificate renewed"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return wrappers.Ask, "check endpoint: no TLS is spoken there"
	case errors.As(err, &alert):
		return wrappers.Ask, "check endpoint: TLS is refused there"
	case errors.As(err, &file):
		return wrappers.Ask, "put credentials there, or change the config"
	case errors.As(err, &syntax):
		return wrappers.Ask, "check that AWS KMS, and no proxy, answers at " + w.where()
	case errors.As(err, &dns) && dns.IsNotFound:
		return wrappers.Later, "check region and endpoint, and the DNS: it knows no " + dns.Name
	}
	return wrappers.Later, "check that this machine reaches AWS KMS at " + w.where()
}
