package discovery

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// retryAfter is when to ask again for what is not there: a ring looks at its store every 30 s.
const retryAfter = "30"

// ServeHTTP serves the documents at their addresses: ISSUER/.well-known/jwks.json and
// ISSUER/.well-known/openid-configuration, or at /.well-known/jwks.json without an issuer. Any other path is 404.
// Behind a proxy that takes a part of the path away, mount [Publisher.JWKS] and [Publisher.OpenID] instead.
func (p *Publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case p.jwksPath:
		p.JWKS(w, r)
	case p.openPath:
		p.OpenID(w, r)
	default:
		http.NotFound(w, r)
	}
}

// JWKS serves the key set, whatever the path. It is an http.HandlerFunc.
func (p *Publisher) JWKS(w http.ResponseWriter, r *http.Request) {
	p.serve(w, r, func(e *edition) *page { return &e.jwks })
}

// OpenID serves the discovery document, whatever the path; without an issuer there is none. It is an http.HandlerFunc.
func (p *Publisher) OpenID(w http.ResponseWriter, r *http.Request) {
	if p.opts.Issuer == "" {
		http.NotFound(w, r)
		return
	}
	p.serve(w, r, func(e *edition) *page { return &e.openID })
}

// serve answers GET and HEAD. There is no Last-Modified: two generations may be of one second, and who asked between
// them would hear for ever that nothing has changed. Nor is any other origin's script let in; who wants that wraps the
// handler.
func (p *Publisher) serve(w http.ResponseWriter, r *http.Request, which func(*edition) *page) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	e, maxAge, err := p.served()
	if err != nil {
		w.Header().Set("Retry-After", retryAfter)
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	body := which(e)
	h := w.Header()
	h.Set("Cache-Control", fmt.Sprintf("public, max-age=%d, must-revalidate", maxAge/time.Second))
	h.Set("Content-Type", body.kind)
	h.Set("ETag", body.etag)
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(body.body))
}
