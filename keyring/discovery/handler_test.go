package discovery

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
)

// ask returns the answer to a request, whose headers are pairs of name and value.
func ask(h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		issuer, method, path string
		code                 int
		kind, begins         string
	}{
		{"", "GET", "/.well-known/jwks.json", 200, "application/jwk-set+json", `{"keys":[{"kty":"OKP"`},
		{"", "HEAD", "/.well-known/jwks.json", 200, "application/jwk-set+json", ""},
		{"", "GET", "/.well-known/jwks.json?x=y", 200, "application/jwk-set+json", `{"keys":[{"kty":"OKP"`},
		{"", "GET", "/.well-known/openid-configuration", 404, "text/plain; charset=utf-8", "404 page not found"},
		{"", "GET", "/", 404, "text/plain; charset=utf-8", "404 page not found"},
		{"", "POST", "/.well-known/jwks.json", 405, "text/plain; charset=utf-8", "only GET and HEAD"},
		{"", "OPTIONS", "/.well-known/jwks.json", 405, "text/plain; charset=utf-8", "only GET and HEAD"},
		{"https://example.com", "GET", "/.well-known/jwks.json", 200, "application/jwk-set+json", `{"keys":[`},
		{"https://example.com", "GET", "/.well-known/openid-configuration", 200, "application/json",
			`{"issuer":"https://example.com","jwks_uri":"https://example.com/.well-known/jwks.json",`},
		{"https://example.com", "HEAD", "/.well-known/openid-configuration", 200, "application/json", ""},
		{"https://example.com/", "GET", "/.well-known/openid-configuration", 200, "application/json",
			`{"issuer":"https://example.com/","jwks_uri":"https://example.com/.well-known/jwks.json",`},
		{"https://example.com/a/b", "GET", "/a/b/.well-known/openid-configuration", 200, "application/json",
			`{"issuer":"https://example.com/a/b","jwks_uri":"https://example.com/a/b/.well-known/jwks.json",`},
		{"https://example.com/a/b/", "GET", "/a/b/.well-known/jwks.json", 200, "application/jwk-set+json", `{"keys":[`},
		{"https://example.com/a/b", "GET", "/.well-known/jwks.json", 404, "text/plain; charset=utf-8", "404"},
		{"https://example.com/a/b", "GET", "/.well-known/openid-configuration/a/b", 404, "text/plain; charset=utf-8", "404"},
	} {
		t.Run(c.method+" "+c.path+" of "+c.issuer, func(t *testing.T) {
			p := publisher(t, newShelf(vk("k", "EdDSA")), &Options{Issuer: c.issuer})
			w := ask(p, c.method, c.path)
			h := w.Header()
			if w.Code != c.code || h.Get("Content-Type") != c.kind || !strings.HasPrefix(w.Body.String(), c.begins) {
				t.Errorf("got %d %s %s", w.Code, h.Get("Content-Type"), w.Body)
			}
			if (c.method == "HEAD") != (w.Body.Len() == 0) {
				t.Errorf("%s has a body of %d bytes", c.method, w.Body.Len())
			}
			if (c.code == 405) != (h.Get("Allow") == "GET, HEAD") {
				t.Errorf("Allow: %q", h.Get("Allow"))
			}
			if c.code == 200 && (h.Get("X-Content-Type-Options") != "nosniff" || h.Get("ETag") == "" || h.Get("Last-Modified") != "" || h.Get("Content-Length") == "0") {
				t.Errorf("headers %v", h)
			}
			if c.code != 200 && strings.Contains(h.Get("Cache-Control"), "max-age") {
				t.Errorf("an error may be kept: %v", h)
			}
		})
	}
}

// TestMountedElsewhere has a proxy that leaves nothing of the path.
func TestMountedElsewhere(t *testing.T) {
	p := publisher(t, newShelf(vk("k", "EdDSA")), &Options{Issuer: "https://example.com/prod"})
	for handler, begins := range map[string]struct {
		http.HandlerFunc
		begins string
	}{"JWKS": {p.JWKS, `{"keys":`}, "OpenID": {p.OpenID, `{"issuer":`}} {
		if w := ask(begins, "GET", "/"); w.Code != 200 || !strings.HasPrefix(w.Body.String(), begins.begins) {
			t.Errorf("%s: %d %s", handler, w.Code, w.Body)
		}
	}
	if w := ask(http.HandlerFunc(publisher(t, newShelf(vk("k", "EdDSA")), nil).OpenID), "GET", "/"); w.Code != 404 {
		t.Errorf("a discovery document without an issuer: %d %s", w.Code, w.Body)
	}
}

// TestNotModified holds that who has the newest documents is not sent them again, and hears anew how long they may be kept.
func TestNotModified(t *testing.T) {
	s := newShelf(vk("k", "EdDSA"))
	p := publisher(t, s, &Options{Issuer: "https://example.com"})
	for _, path := range []string{jwksPath, openIDPath} {
		s.put(vk("k", "EdDSA"))
		tag := get(t, p, path).Get("ETag")
		if !strings.HasPrefix(tag, `"`) || get(t, p, path).Get("ETag") != tag {
			t.Errorf("%s: not a strong ETag, or not the same twice: %s", path, tag)
		}
		for _, known := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			w := ask(p, "GET", path, "If-None-Match", known)
			if w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("ETag") != tag || !strings.Contains(w.Header().Get("Cache-Control"), "max-age=2") {
				t.Errorf("%s, If-None-Match %s: %d %v", path, known, w.Code, w.Header())
			}
		}
		s.put(vk("k", "EdDSA"), vk("k2", "RS256", prepublished))
		if w := ask(p, "GET", path, "If-None-Match", tag); w.Code != 200 || w.Header().Get("ETag") == tag {
			t.Errorf("%s has changed: %d %s", path, w.Code, w.Header().Get("ETag"))
		}
	}
}

func TestNothingToServe(t *testing.T) {
	flipped := damaged(http.ErrBodyNotAllowed) // any error
	for _, c := range []struct {
		name   string
		source *shelf
		want   string
	}{
		{"closed", &shelf{keys: []keyring.VerificationKey{vk("k", "EdDSA")}}, "the ring is closed\n"},
		{"no keys", newShelf(), "there are no verification keys\n"},
		{"none that belongs into the set", newShelf(vk("k", "EdDSA", compromised)), "there are no verification keys\n"},
		{"only a damaged one", newShelf(vk("k", "EdDSA", flipped)), "there are no verification keys\n"},
	} {
		p := publisher(t, c.source, &Options{Issuer: "https://example.com"})
		for _, path := range []string{jwksPath, openIDPath} {
			w := ask(p, "GET", path)
			h := w.Header()
			if w.Code != http.StatusServiceUnavailable || w.Body.String() != c.want || h.Get("Retry-After") != "30" || h.Get("Cache-Control") != "no-store" || h.Get("ETag") != "" {
				t.Errorf("%s, %s: %d %q %v", c.name, path, w.Code, w.Body, h)
			}
		}
	}
}

// TestRingThatIsClosedWhileItServes closes a source that was served from a moment ago.
func TestRingThatIsClosedWhileItServes(t *testing.T) {
	s := newShelf(vk("k", "EdDSA"))
	p := publisher(t, s, nil)
	get(t, p, jwksPath)
	s.refreshed = time.Time{}
	if w := ask(p, "GET", jwksPath); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
