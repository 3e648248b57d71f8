package doctor

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

const hour = time.Hour

// certificateFor returns what a certificate of 90 days with that much left says.
func certificateFor(left time.Duration) *x509.Certificate {
	return certificateOf(90*day, left)
}

func certificateOf(life, left time.Duration) *x509.Certificate {
	return &x509.Certificate{
		NotBefore: now.Add(left - life), NotAfter: now.Add(left), DNSNames: []string{"vault.example.com"},
		Issuer: pkix.Name{Organization: []string{"Example CA"}},
	}
}

// TestInspection has one line for each thing that a provider may say.
func TestInspection(t *testing.T) {
	for _, c := range []struct {
		name string
		say  wrappers.Inspection
		want string // "" for no finding of that check
		none string
	}{
		{name: "enabled", say: wrappers.Inspection{State: wrappers.KeyEnabled, StateDetail: "Enabled"}, want: "ok fake.eu key-state: enabled |"},
		{name: "state in other words", say: wrappers.Inspection{State: wrappers.KeyEnabled, StateDetail: "aes256-gcm96"}, want: "ok fake.eu key-state: enabled (aes256-gcm96)"},
		{name: "disabled", say: wrappers.Inspection{State: wrappers.KeyDisabled}, want: "problem fake.eu key-state: enable the key at the provider"},
		{name: "pending deletion", say: wrappers.Inspection{State: wrappers.KeyPendingDeletion, StateDetail: "gone on 2026-12-09"},
			want: "problem fake.eu key-state: pending deletion (gone on 2026-12-09) | somebody did this at the provider | the KEK neither wraps nor unwraps: a start needs another one, and once the key is gone"},
		{name: "destroyed", say: wrappers.Inspection{State: wrappers.KeyDestroyed}, want: "problem fake.eu key-state: take the block out of the config"},
		{name: "state in other words only", say: wrappers.Inspection{StateDetail: "there is no such key"}, want: "note fake.eu key-state: there is no such key"},
		{name: "state unknown", none: "key-state"},

		{name: "rotation on", say: wrappers.Inspection{Rotation: "automatic every 365 days", Version: "3"}, want: "ok fake.eu rotation: automatic every 365 days, newest version 3"},
		{name: "rotation off", say: wrappers.Inspection{Rotation: "off"}, want: "note fake.eu rotation: off"},
		{name: "rotation unknown", say: wrappers.Inspection{Version: "3"}, want: "ok fake.eu rotation: newest version 3"},

		{name: "credentials for ever", say: wrappers.Inspection{Identity: "app", Credentials: "token file"}, want: "ok fake.eu credentials: app, from token file |"},
		{name: "credentials for long", say: wrappers.Inspection{Credentials: "token file", Expires: now.Add(72 * hour)},
			want: "ok fake.eu credentials: from token file, valid for 3 days, until 2026-12-06 10:00 UTC"},
		{name: "credentials for a day", say: wrappers.Inspection{Identity: "app", Expires: now.Add(24*hour - 1)},
			want: "warning fake.eu credentials: app, expire in 23 hours, on 2026-12-04 09:59 UTC | nothing renews them | after that the provider refuses every call | renew them where they come from"},
		{name: "credentials that renew themselves", say: wrappers.Inspection{Credentials: "instance role", Expires: now.Add(hour), Renewed: true},
			want: "ok fake.eu credentials: from instance role, renewed automatically, valid for 60 minutes"},
		{name: "credentials expired", say: wrappers.Inspection{Credentials: "token file", Expires: now.Add(-2 * hour), Renewed: true},
			want: "problem fake.eu credentials: from token file, expired 2 hours ago | what renews them has failed | after that"},
		{name: "credentials of unknown origin", say: wrappers.Inspection{Expires: now.Add(hour)}, want: "warning fake.eu credentials: of unknown origin, expire in 60 minutes"},
		{name: "credentials unknown", none: "credentials"},

		{name: "certificate", say: wrappers.Inspection{Certificate: certificateFor(30 * day)}, want: "ok fake.eu tls: certificate of vault.example.com, good for 30 days"},
		{name: "certificate to be renewed", say: wrappers.Inspection{Certificate: certificateFor(30*day - 1)},
			want: "warning fake.eu tls: certificate of vault.example.com, good for 29 days | it ends on 2027-01-02 09:59 UTC; it is by Example CA | after that no call reaches the provider | have it renewed"},
		{name: "certificate about to end", say: wrappers.Inspection{Certificate: certificateFor(7*day - 1)}, want: "problem fake.eu tls: good for 6 days"},
		{name: "certificate ended", say: wrappers.Inspection{Certificate: certificateFor(-day)}, want: "problem fake.eu tls: expired 24 hours ago"},
		{name: "certificate for a week", say: wrappers.Inspection{Certificate: certificateOf(6*day, 3*day)}, want: "ok fake.eu tls: good for 3 days"},
		{name: "certificate for a week, late", say: wrappers.Inspection{Certificate: certificateOf(6*day, day)}, want: "warning fake.eu tls: good for 24 hours"},
		{name: "certificate of an address", say: wrappers.Inspection{Certificate: &x509.Certificate{IPAddresses: []net.IP{net.IPv4(10, 0, 0, 1)}, NotAfter: now}},
			want: "problem fake.eu tls: certificate of 10.0.0.1, expired 1 second ago | it ends on 2026-12-03 10:00 UTC; it is by an issuer without a name"},
		{name: "certificate of a name", say: wrappers.Inspection{Certificate: &x509.Certificate{Subject: pkix.Name{CommonName: "vault"}, NotAfter: now}}, want: "problem fake.eu tls: certificate of vault, expired"},
		{name: "no TLS", say: wrappers.Inspection{Endpoint: "http://vault.example.com:8200"}, want: "warning fake.eu tls: who is on the way to vault.example.com:8200 reads"},
		{name: "no TLS here", say: wrappers.Inspection{Endpoint: "http://127.0.0.1:8200"}, want: "ok fake.eu tls: none, and 127.0.0.1:8200 is this machine"},
		{name: "certificate unknown", say: wrappers.Inspection{Endpoint: "https://vault.example.com"}, none: "tls"},

		{name: "clock", say: wrappers.Inspection{ServerTime: now, LocalTime: now.Add(30 * time.Second)}, want: "ok fake.eu clock: agrees with the provider's to 30s"},
		{name: "clock to the second", say: wrappers.Inspection{ServerTime: now, LocalTime: now.Add(999 * time.Millisecond)}, want: "ok fake.eu clock: to 1s"},
		{name: "clock ahead", say: wrappers.Inspection{ServerTime: now, LocalTime: now.Add(31 * time.Second)}, want: "warning fake.eu clock: 31 seconds ahead of the provider's"},
		{name: "clock behind", say: wrappers.Inspection{ServerTime: now, LocalTime: now.Add(-241 * time.Second)}, want: "problem fake.eu clock: 4 minutes behind the provider's"},
		{name: "clock unknown", say: wrappers.Inspection{LocalTime: now}, none: "clock"},

		{name: "right", say: wrappers.Inspection{Rights: []wrappers.Right{{Name: "kms:DescribeKey"}}}, want: "ok fake.eu right: kms:DescribeKey allowed"},
		{name: "right denied", say: wrappers.Inspection{Rights: []wrappers.Right{{Name: "kms:DescribeKey", Err: errDenied}}},
			want: "note fake.eu right: kms:DescribeKey not allowed | permission denied | something is not seen or not done; what opening and wrapping need is under decrypt and encrypt | grant it"},
		{name: "rights not tried", say: wrappers.Inspection{Rights: []wrappers.Right{{Name: "read a", Err: errSealed}, {Name: "read b", Err: errSealed}}},
			want: "warning fake.eu right: not tried: read a, read b | sealed | what is allowed is not known | unseal the Vault"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake()
			f.inspect = says(c.say)
			r := Examine(t.Context(), newCase(patient(t, "eu", f)))
			if c.none != "" {
				wantNone(t, r.Findings, "fake.eu", c.none)
				return
			}
			want(t, r.Findings, c.want)
		})
	}
}

func TestNames(t *testing.T) {
	proxy := func(text string, err error) func(*http.Request) (*url.URL, error) {
		return func(r *http.Request) (*url.URL, error) {
			if r.URL.Host != "kms.example.com" {
				t.Errorf("asked about %s", r.URL.Host)
			}
			if err != nil {
				return nil, err
			}
			return url.Parse(text)
		}
	}
	for _, c := range []struct {
		name     string
		endpoint string
		resolver hosts
		proxy    func(*http.Request) (*url.URL, error)
		works    bool
		want     string
	}{
		{"known", "https://kms.example.com", hosts{"kms.example.com": {"10.0.0.1", "10.0.0.2"}}, noProxy, true, "ok fake.eu dns: kms.example.com is 10.0.0.1, 10.0.0.2"},
		{"address", "https://10.0.0.1:8200", nil, noProxy, true, "ok fake.eu dns: not needed: 10.0.0.1 is an address"},
		{"unknown", "https://kms.example.com", nil, noProxy, false,
			"problem fake.eu dns: kms.example.com has no address | lookup kms.example.com: no such host | the provider is not reached | getent hosts kms.example.com"},
		{"unknown, and works", "https://kms.example.com", nil, noProxy, true, "warning fake.eu dns: the round trip worked all the same"},
		{"proxy", "https://kms.example.com", nil, proxy("http://me:secret@proxy.example.com:3128", nil), false,
			"note fake.eu dns: kms.example.com is looked up by the proxy proxy.example.com:3128 |"},
		{"bad proxy", "https://kms.example.com", nil, proxy("", errors.New("invalid proxy me:secret@")), false,
			"problem fake.eu dns: the proxy for kms.example.com is not known | the variable with the proxy holds no URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake()
			f.inspect = says(wrappers.Inspection{Endpoint: c.endpoint})
			if !c.works {
				f.encrypt = always(errDenied)
			}
			e := newCase(patient(t, "eu", f))
			e.Resolver, e.Proxy = c.resolver, c.proxy
			r := Examine(t.Context(), e)
			want(t, r.Findings, c.want)
			wantNoSecret(t, r)
		})
	}
}
