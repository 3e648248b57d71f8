package discovery

import (
	"errors"
	"net/netip"
	"net/url"
	"path"
	"strings"
)

const (
	jwksPath   = "/.well-known/jwks.json"
	openIDPath = "/.well-known/openid-configuration"
)

// CheckIssuer reports why s cannot be the issuer of tokens, or nil. The error begins with a verb, to stand behind the
// setting's name.
//
// Verifiers compare it with "iss" letter by letter, and make the address of the discovery document of it by joining
// strings. So only what has one spelling is taken.
func CheckIssuer(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("is not a URL")
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return errors.New("does not begin with https:// and a host")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return errors.New("is without TLS: who can change what verifiers fetch can sign tokens; http is for loopback only")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		return errors.New("has a user, a query or a fragment, and must be a plain URL")
	case u.String() != s || u.Host != strings.ToLower(u.Host) || u.EscapedPath() != u.Path:
		return errors.New("has another spelling too: write it in lower case up to the path, and that without %")
	case !isClean(strings.TrimSuffix(u.Path, "/")):
		return errors.New("has a path with empty elements or dots")
	}
	return nil
}

func isClean(p string) bool { return p == "" || p != "/" && path.Clean(p) == p }

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// below returns the address of a document of the issuer. As OpenID Connect Discovery wants it, section 4.1, what is
// well known comes after the issuer's path, and one slash at its end is dropped.
func below(issuer, document string) string { return strings.TrimSuffix(issuer, "/") + document }

// pathBelow is the path of that address, as a request names it. Issuer has passed CheckIssuer, or is empty.
func pathBelow(issuer, document string) string {
	u, err := url.Parse(issuer)
	if err != nil {
		panic("discovery: " + err.Error()) // it was checked
	}
	return below(u.Path, document)
}
