package awskms

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net"

	"github.com/sealwax/sealwax/internal/neterror"
	"github.com/sealwax/sealwax/wrappers"
)

// networkHints are for what somebody has to put right.
var networkHints = map[neterror.Kind]string{
	neterror.UnknownAuthority:   "set AWS_CA_BUNDLE to a file with the authority that signed the certificate; nothing else is trusted then",
	neterror.OtherName:          "check endpoint: the certificate there is for other names",
	neterror.InvalidCertificate: "set the clock of this machine, or have the certificate renewed",
	neterror.NoTLS:              "check endpoint: no TLS is spoken there",
	neterror.RefusedTLS:         "check endpoint: TLS is refused there",
}

// classifyNetwork is about what happened before AWS answered, or instead.
func (w *Wrapper) classifyNetwork(err error) (wrappers.Class, string) {
	var (
		dns    *net.DNSError
		file   *fs.PathError
		syntax *json.SyntaxError
	)
	if hint := networkHints[neterror.KindOf(err)]; hint != "" {
		return wrappers.Ask, hint
	}
	switch {
	case errors.As(err, &file):
		return wrappers.Ask, "put credentials there, or change the config"
	case errors.As(err, &syntax):
		return wrappers.Ask, "check that AWS KMS, and no proxy, answers at " + w.where()
	case errors.As(err, &dns) && dns.IsNotFound:
		return wrappers.Later, "check region and endpoint, and the DNS: it knows no " + dns.Name
	}
	return wrappers.Later, "check that this machine reaches AWS KMS at " + w.where()
}
