package discovery

import (
	"strings"
	"testing"
)

func TestCheckIssuer(t *testing.T) {
	for _, good := range []string{
		"https://id.example.com", "https://id.example.com/", "https://id.example.com:8443", "https://example.com/clusters/prod",
		"https://example.com/clusters/prod/", "https://192.0.2.1", "https://[2001:db8::1]:443", "http://localhost:4646",
		"http://127.0.0.1", "http://[::1]:8080/dev",
	} {
		if err := CheckIssuer(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"":                                  "does not begin with https:// and a host",
		"id.example.com":                    "does not begin with https:// and a host",
		"ftp://id.example.com":              "does not begin with https:// and a host",
		"https:id.example.com":              "does not begin with https:// and a host",
		"https:///path":                     "does not begin with https:// and a host",
		"https://:443":                      "does not begin with https:// and a host",
		"https://exa mple.com":              "is not a URL",
		"http://id.example.com":             "without TLS",
		"http://localhost.example.com":      "without TLS",
		"http://10.0.0.1":                   "without TLS",
		"https://me@id.example.com":         "a user, a query or a fragment",
		"https://id.example.com?":           "a user, a query or a fragment",
		"https://id.example.com/?a=b":       "a user, a query or a fragment",
		"https://id.example.com#":           "a user, a query or a fragment",
		"https://id.example.com/#top":       "a user, a query or a fragment",
		"HTTPS://id.example.com":            "another spelling",
		"https://ID.example.com":            "another spelling",
		"https://id.example.com/%70rod":     "another spelling",
		"https://id.example.com/a%20b":      "another spelling",
		"https://id.example.com/a b":        "another spelling",
		"https://id.example.com//":          "empty elements or dots",
		"https://id.example.com/a//b":       "empty elements or dots",
		"https://id.example.com/a/../b":     "empty elements or dots",
		"https://id.example.com/./a":        "empty elements or dots",
		"https://id.example.com/clusters/.": "empty elements or dots",
	} {
		if err := CheckIssuer(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want …%s", bad, err, want)
		}
	}
}

func TestOptionsThatCannotBeMeant(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Issuer: "http://id.example.com"}, `discovery: Options.Issuer "http://id.example.com" is without TLS`},
		{Options{TokenLifetime: -1}, "discovery: Options.TokenLifetime is -1ns and Lease 0s, and neither can be negative"},
		{Options{Lease: -1}, "discovery: Options.TokenLifetime is 0s and Lease -1ns"},
	} {
		_, err := New(newShelf(), &c.o)
		_, same := NewDocuments(nil, &c.o)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || same == nil || same.Error() != err.Error() {
			t.Errorf("got %v and %v, want %s…", err, same, c.want)
		}
	}
}
