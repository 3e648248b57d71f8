package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func wantNoSecret(t *testing.T, r *Report) {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil || strings.Contains(string(b), "secret") {
		t.Errorf("a secret is in %s, %v", b, err)
	}
}

// A round trip tells apart who may not wrap from who may not unwrap, and neither hides the other KEKs.
func TestRoundTrip(t *testing.T) {
	for _, c := range []struct {
		name        string
		disturb     func(*fake)
		want        []string
		unavailable bool
	}{
		{"well", func(*fake) {}, []string{"ok fake.eu encrypt: allowed", "ok fake.eu decrypt: allowed", "ok fake.eu latency: to wrap and unwrap"}, false},
		{"may not wrap", func(f *fake) { f.encrypt = always(errDenied) }, []string{
			"problem fake.eu encrypt: does not wrap | permission denied | 'keyring rewrap' and 'keyring rotate --new-root' leave it without a fresh stanza | grant it",
			"note fake.eu decrypt: not tried: there is nothing to unwrap"}, true},
		{"may not unwrap", func(f *fake) { f.decrypt = always(errDenied) }, []string{
			"ok fake.eu encrypt: allowed",
			"problem fake.eu decrypt: does not give back what it wrapped | permission denied | it cannot open the keystore: a start needs another KEK | grant it"}, true},
		{"down", func(f *fake) { f.encrypt = always(errSealed) }, []string{"problem fake.eu encrypt: does not wrap | sealed |"}, true},
		{"tells nothing", func(f *fake) {
			f.inspect = func(context.Context) (*wrappers.Inspection, error) { return nil, errSealed }
		}, []string{"problem fake.eu inspect: the provider tells nothing about the key | sealed |"}, true},
		{"no such host", func(f *fake) {
			f.encrypt = always(&net.DNSError{Err: "no such host", Name: "kms.example.com"})
		}, []string{"problem fake.eu dns: kms.example.com has no address"}, true},
		{"no such host, which the client does not say", func(f *fake) {
			f.inspect = func(context.Context) (*wrappers.Inspection, error) {
				return &wrappers.Inspection{Endpoint: "https://kms.example.com"}, errSealed
			}
			f.encrypt = always(errSealed)
		}, []string{"problem fake.eu dns: kms.example.com has no address | lookup kms.example.com: no such host", "problem fake.eu inspect: the provider tells nothing about the key | sealed |"}, true},
		{"certificate", func(f *fake) {
			refused := &tls.CertificateVerificationError{UnverifiedCertificates: []*x509.Certificate{certificateFor(day)}, Err: x509.UnknownAuthorityError{}}
			f.encrypt = always(refused)
		}, []string{"problem fake.eu tls: certificate of vault.example.com by Example CA is not trusted | tls: failed to verify certificate: x509: certificate signed by unknown authority"}, true},
		{"files", func(f *fake) { f.check = errDenied }, []string{
			"problem fake.eu settings: what the config names cannot be used | permission denied | the KEK can neither wrap nor unwrap | grant it"}, true},
		{"recovery recipient", func(f *fake) { f.wrapOnly = true }, []string{
			"ok fake.eu encrypt: allowed", "ok fake.eu decrypt: not tried: only the recovery key unwraps", "ok fake.eu latency: to wrap |"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				c.disturb(f)
				r := Examine(t.Context(), newCase(patient(t, "eu", f), patient(t, "us", newFake())))
				for _, w := range c.want {
					want(t, r.Findings, w)
				}
				want(t, r.Findings, "ok fake.us decrypt: allowed")
				if r.Unavailable() != c.unavailable || r.OK == c.unavailable {
					t.Errorf("unavailable %v, OK %v", r.Unavailable(), r.OK)
				}
			})
		})
	}
}

// A KEK that hangs costs the time of the examination, and none of the others' findings.
func TestHangingKEK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.inspect = func(ctx context.Context) (*wrappers.Inspection, error) { return nil, hang(ctx) }
		f.encrypt = hang
		began := time.Now()
		r := Examine(t.Context(), newCase(patient(t, "eu", f), patient(t, "us", newFake())))
		if took := time.Since(began); took > DefaultTimeout {
			t.Errorf("took %v", took)
		}
		want(t, r.Findings, "problem fake.eu inspect: no answer within 10s")
		want(t, r.Findings, "problem fake.eu encrypt: does not wrap")
		want(t, r.Findings, "ok fake.us encrypt: allowed")
		if !r.Unavailable() {
			t.Error("it is not just unavailable")
		}
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.encrypt = hang
		c := newCase(patient(t, "eu", f))
		c.Timeout = 3 * time.Second
		began := time.Now()
		r := Examine(t.Context(), c)
		if took := time.Since(began); took != c.Timeout {
			t.Errorf("took %v", took)
		}
		want(t, r.Findings, "problem fake.eu encrypt: the examination ended after 3s")
	})
}

func TestLatency(t *testing.T) {
	for took, wanted := range map[time.Duration]string{
		900 * time.Millisecond:  "ok fake.eu latency: 900ms to wrap and unwrap",
		1100 * time.Millisecond: "note fake.eu latency: of several KEKs the next one is asked before this one has answered",
		5100 * time.Millisecond: "warning fake.eu latency: an attempt is given up after 10s",
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake()
			f.encrypt = func(context.Context) error { time.Sleep(took); return nil }
			want(t, Examine(t.Context(), newCase(patient(t, "eu", f))).Findings, wanted)
		})
	}
}

// Nobody is asked to wrap who would not be asked otherwise.
func TestInactiveIsNotAsked(t *testing.T) {
	f := newFake()
	r := Examine(t.Context(), newCase(inGroup(t, wrappers.Options{Name: "eu", Inactive: true}, f)))
	want(t, r.Findings, "ok fake.eu settings: inactive: it may open its stanza and gets no fresh one")
	want(t, r.Findings, "ok fake.eu encrypt: not tried: the KEK is inactive")
	if n := f.calls.Load(); n != 0 {
		t.Errorf("%d calls, want none", n)
	}
}

func TestPeopleAreAskedLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var servicesDone time.Time
		service, person := newFake(), newFake()
		service.encrypt = func(context.Context) error { time.Sleep(time.Second); servicesDone = time.Now(); return nil }
		person.person = true
		person.encrypt = func(context.Context) error {
			if servicesDone.IsZero() {
				t.Error("a person was asked before the services were done")
			}
			time.Sleep(2 * time.Minute) // to find the envelope
			return nil
		}
		c := newCase(patient(t, "person", person), patient(t, "eu", service))
		r := Examine(t.Context(), c)
		want(t, r.Findings, "note fake.person person: not asked, since it waits for a person |  | whether it opens the keystore is not known | keyring doctor --ask")
		if n := person.calls.Load(); n != 0 {
			t.Errorf("%d calls, want none", n)
		}
		c.Ask = true
		r = Examine(t.Context(), c)
		want(t, r.Findings, "ok fake.person encrypt: allowed")
		want(t, r.Findings, "ok fake.person latency: 2m0s")
	})
}

// What a round trip wraps is nothing that could be taken for the root of a keystore, nor the same twice.
func TestRoundTripWrapsNoRoot(t *testing.T) {
	f := newFake()
	var plaintexts, aads []string
	f.seen = func(plaintext, aad []byte) {
		plaintexts, aads = append(plaintexts, string(plaintext)), append(aads, string(aad))
	}
	c := newCase(patient(t, "eu", f))
	Examine(t.Context(), c)
	Examine(t.Context(), c)
	if len(plaintexts) != 2 || plaintexts[0] == plaintexts[1] || len(plaintexts[0]) != 32 {
		t.Errorf("wrapped %q", plaintexts)
	}
	const nobody = "00000000-0000-0000-0000-000000000000"
	if want := "sealwax/v1 keystore=" + nobody + " root=" + nobody; aads[0] != want {
		t.Errorf("bound to %q, want %q", aads[0], want)
	}
	id := keystore.NewID()
	c.Keystore.Contents = &keystore.Contents{ID: id}
	c.Verify = func(context.Context, []*wrappers.KEK) (*keyring.Report, error) { return nil, nil }
	Examine(t.Context(), c)
	if want := "sealwax/v1 keystore=" + id.String() + " root=" + nobody; aads[2] != want {
		t.Errorf("bound to %q, want %q", aads[2], want)
	}
}
