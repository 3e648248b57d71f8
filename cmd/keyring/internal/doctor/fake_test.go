package doctor

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

var now = time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)

// fake is a wrapper that does what the test says. Without that it wraps by turning bits over.
type fake struct {
	*wrapping.TestWrapper

	inspect          func(context.Context) (*wrappers.Inspection, error)
	encrypt, decrypt func(context.Context) error
	check            error
	wrapOnly, person bool
	version          string
	seen             func(plaintext, aad []byte)
	calls            atomic.Int32
}

func newFake() *fake { return &fake{TestWrapper: wrapping.NewTestWrapper(nil), version: "1"} }

func turned(b []byte) []byte {
	b = bytes.Clone(b)
	for i := range b {
		b[i] ^= 0xa5
	}
	return b
}

func (f *fake) Encrypt(ctx context.Context, plaintext []byte, options ...wrapping.Option) (*wrapping.BlobInfo, error) {
	f.calls.Add(1)
	if f.seen != nil {
		o, err := wrapping.GetOpts(options...)
		if err != nil {
			return nil, err
		}
		f.seen(bytes.Clone(plaintext), o.WithAad)
	}
	if f.encrypt != nil {
		if err := f.encrypt(ctx); err != nil {
			return nil, err
		}
	}
	return &wrapping.BlobInfo{Ciphertext: turned(plaintext), KeyInfo: &wrapping.KeyInfo{KeyId: "key"}}, nil
}

func (f *fake) Decrypt(ctx context.Context, info *wrapping.BlobInfo, _ ...wrapping.Option) ([]byte, error) {
	f.calls.Add(1)
	if f.decrypt != nil {
		if err := f.decrypt(ctx); err != nil {
			return nil, err
		}
	}
	return turned(info.Ciphertext), nil
}

func (f *fake) Inspect(ctx context.Context) (*wrappers.Inspection, error) {
	if f.inspect == nil {
		return nil, nil
	}
	return f.inspect(ctx)
}

func (f *fake) Scheme() string               { return "fake/1" }
func (f *fake) KeyVersion([]byte) string     { return f.version }
func (f *fake) CheckCiphertext([]byte) error { return nil }
func (f *fake) Check(context.Context) error  { return f.check }
func (f *fake) WrapOnly() bool               { return f.wrapOnly }
func (f *fake) WaitsForPerson() bool         { return f.person }

// Of the errors that a test has a fake return, these are known to it.
var (
	errDenied = errors.New("permission denied")
	errSealed = errors.New("sealed")
)

func (f *fake) Classify(err error) (wrappers.Class, string) {
	switch {
	case errors.Is(err, errDenied):
		return wrappers.Ask, "grant it"
	case errors.Is(err, errSealed):
		return wrappers.Later, "unseal the Vault"
	}
	return 0, ""
}

func always(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

// hang waits for as long as a provider that says nothing.
func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func says(i wrappers.Inspection) func(context.Context) (*wrappers.Inspection, error) {
	return func(context.Context) (*wrappers.Inspection, error) { return &i, nil }
}

// patient returns a KEK "fake.NAME" over f.
func patient(t testing.TB, name string, f *fake, files ...string) Patient {
	t.Helper()
	return inGroup(t, wrappers.Options{Name: name}, f, files...)
}

func inGroup(t testing.TB, o wrappers.Options, f *fake, files ...string) Patient {
	t.Helper()
	o.Provider = cmp.Or(o.Provider, "fake")
	k, err := wrappers.New(f, &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return Patient{KEK: k, Files: files}
}

// hosts is a resolver that knows these.
type hosts map[string][]string

func (h hosts) LookupHost(_ context.Context, name string) ([]string, error) {
	if h[name] == nil {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return h[name], nil
}

// silent is a resolver whose name server does not answer.
type silent struct{}

func (silent) LookupHost(ctx context.Context, _ string) ([]string, error) { return nil, hang(ctx) }

func noProxy(*http.Request) (*url.URL, error) { return nil, nil }

// newCase is an examination of KEKs without a keystore.
func newCase(keks ...Patient) *Case {
	return &Case{
		File: "keyring.hcl", KEKs: keks, Keystore: Keystore{Path: "keystore.jsonl", Previous: "keystore.jsonl.prev"},
		Now: func() time.Time { return now }, Resolver: hosts{}, Proxy: noProxy, Getenv: func(string) string { return "" },
	}
}

// want wants a finding like "warning fake.eu tls: …", the text being a part of "found | cause | effect | next".
func want(t *testing.T, findings []Finding, wanted string) {
	t.Helper()
	var got []string
	for _, f := range findings {
		line := fmt.Sprintf("%s %s %s: %s | %s | %s | %s", f.Severity, f.Subject, f.Check, f.Found, f.Cause, f.Effect, f.Next)
		head, text, _ := strings.Cut(wanted, ": ")
		if strings.HasPrefix(line, head+": ") && strings.Contains(line, text) {
			return
		}
		got = append(got, line)
	}
	t.Errorf("no finding %q in\n%s", wanted, strings.Join(got, "\n"))
}

// wantNone wants no finding of that subject and check.
func wantNone(t *testing.T, findings []Finding, subject, check string) {
	t.Helper()
	for _, f := range findings {
		if f.Subject == subject && f.Check == check {
			t.Errorf("got %s %s %s: %s; want none", f.Severity, subject, check, f.Found)
		}
	}
}
