package gcpckms

import (
	"crypto/x509"
	"net/http"
	"time"

	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc"
	grpccredentials "google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// envelope is who sent a request, and what came with the answer.
type envelope struct {
	account         string // an e-mail address; "" if the credentials do not tell
	again           bool   // refused, and there are other credentials by now
	header, trailer metadata.MD
	peer            peer.Peer
}

// options returns what has a call fill the envelope.
func (e *envelope) options() gax.CallOption {
	return gax.WithGRPCOptions(grpc.Header(&e.header), grpc.Trailer(&e.trailer), grpc.Peer(&e.peer))
}

// answered reports whether a server was reached, and not only a proxy, or nobody.
func (e *envelope) answered() bool { return len(e.header)+len(e.trailer) > 0 }

// certificate returns the server's own, nil if there was no TLS.
func (e *envelope) certificate() *x509.Certificate {
	info, ok := e.peer.AuthInfo.(grpccredentials.TLSInfo)
	if !ok || len(info.State.PeerCertificates) == 0 {
		return nil
	}
	return info.State.PeerCertificates[0]
}

// date returns the time that Google's front end puts into every answer, the zero time without one.
func (e *envelope) date() time.Time {
	for _, md := range []metadata.MD{e.header, e.trailer} { // a refusal has only a trailer
		for _, text := range md.Get("date") {
			if t, err := http.ParseTime(text); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}
