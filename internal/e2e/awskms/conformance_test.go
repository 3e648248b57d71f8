package awskms

import (
	"crypto/tls"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/e2e/awsserver"
	"github.com/sealwax/sealwax/wrappers/awskms"
	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

// onLocalhost returns where a server is under the name that its certificate has.
func onLocalhost(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }

// overTLS returns a certificate for localhost which this test trusts, and how to trust it no more.
func overTLS(t *testing.T) (cert tls.Certificate, untrust func(t *testing.T)) {
	t.Helper()
	authority, file := newAuthority(t)
	_, stranger := newAuthority(t)
	cert, err := authority.Certificate("localhost")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", file)
	return cert, func(t *testing.T) { t.Setenv("AWS_CA_BUNDLE", stranger) }
}

// says are the texts that are the same with both engines.
func says(url string, more map[string][]string) map[string][]string {
	says := map[string][]string{
		"other context":         {"AWS answered 400 InvalidCiphertextException"},
		"wrong key":             {"AWS answered 400 IncorrectKeyException", "alias/other is not the key that wrapped this"},
		"other key ID":          {`the config names "alias/app" in eu-central-1`, "name the key that wrapped it in kms_key_id"},
		"silent engine":         {"deadline exceeded", "check that this machine reaches AWS KMS at " + url},
		"denied":                {"AWS answered 400 AccessDeniedException: User: arn:aws:sts", "allow kms:"},
		"server error":          {"AWS answered 500 KMSInternalException", "try again"},
		"throttled":             {"AWS answered 400 ThrottlingException: Rate exceeded", "raise the request quota of AWS KMS"},
		"connection cut":        {"unexpected EOF", "check that this machine reaches AWS KMS at " + url},
		"expired credentials":   {"AWS answered 400 ExpiredTokenException", "put new credentials in the file "},
		"untrusted certificate": {"certificate signed by unknown authority", "set AWS_CA_BUNDLE"},
	}
	for name, texts := range more {
		says[name] = texts
	}
	return says
}

func TestConformanceFake(t *testing.T) {
	cert, untrust := overTLS(t)
	s := awsserver.New(&cert)
	t.Cleanup(s.Close)
	s.URL = onLocalhost(s.URL)
	f := withKeys(t, s)
	first, next := f.used, s.NewCredentials(account)
	with := func(change func(*awskms.Config)) func(*testing.T) wrapping.Wrapper {
		return func(t *testing.T) wrapping.Wrapper {
			c := f.config()
			change(&c)
			return newWrapper(t, c)
		}
	}
	const stranger = "444455556666"
	s.Alias("alias/app", s.CreateKey(stranger, region))
	theirs := filepath.Join(t.TempDir(), "credentials")
	writeCredentials(t, theirs, s.NewCredentials(stranger))

	wrappertest.Run(t, wrappertest.Harness{
		New:          with(func(*awskms.Config) {}),
		WrongKey:     with(func(c *awskms.Config) { c.KeyID = "alias/other" }),
		WrongAccount: with(func(c *awskms.Config) { c.SharedCredsFilename = theirs }),
		Untrusted: func(t *testing.T) wrapping.Wrapper {
			untrust(t)
			return newWrapper(t, f.config())
		},
		Engine: &wrappertest.Engine{
			Calls:    func() int { return f.Count("Encrypt", "Decrypt") },
			Silence:  func(*testing.T) { f.Hang() },
			Deny:     func(*testing.T) { f.Deny() },
			Fail:     func(_ *testing.T, n int) { f.Fail(n) },
			Throttle: func(_ *testing.T, n int) { f.Throttle(n) },
			Cut:      func(_ *testing.T, n int) { f.Cut(n) },
			Rotate:   func(*testing.T) { f.Rotate(f.app) },
			Disable:  func(*testing.T) { f.Disable(f.app) },
			Delete:   func(*testing.T) { f.Delete(f.app) },
			Expire:   func(*testing.T) { f.Expire(first) },
			Reload:   func(t *testing.T) { f.login(t, next) },
			Restore: func(t *testing.T) {
				f.Restore()
				f.Enable(f.app)
				f.Revive(first)
				f.login(t, first)
			},
		},
		Secrets: []string{first.SecretAccessKey, first.SessionToken, next.SecretAccessKey, next.SessionToken},
		Says: says(s.URL, map[string][]string{
			"wrong account":    {"AWS answered 400 IncorrectKeyException", "alias/app is not the key that wrapped this"},
			"disabled key":     {"AWS answered 400 DisabledException: " + f.app + " is disabled", "enable the key: aws kms enable-key --key-id " + f.app},
			"deletion pending": {"AWS answered 400 KMSInvalidStateException: " + f.app + " is pending deletion", "aws kms cancel-key-deletion --key-id " + f.app},
		}),
	})
}

func TestConformanceLocalKMS(t *testing.T) {
	cert, untrust := overTLS(t)
	start := func(s *httptest.Server) {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		s.StartTLS()
	}
	l, strange := newLocalKMS(t, account, start), newLocalKMS(t, "444455556666", start)
	l.URL, strange.URL = onLocalhost(l.URL), onLocalhost(strange.URL)
	first, next := awsserver.Credentials{AccessKeyID: "AKIDFIRST", SecretAccessKey: "hush-hush-first", SessionToken: "hush-hush-token"}, awsserver.Credentials{AccessKeyID: "AKIDNEXT", SecretAccessKey: "hush-hush-next", SessionToken: "hush-hush-next-token"}
	file := filepath.Join(t.TempDir(), "credentials")
	writeCredentials(t, file, first)
	with := func(url, key string) func(*testing.T) wrapping.Wrapper {
		return func(t *testing.T) wrapping.Wrapper {
			return newWrapper(t, awskms.Config{KeyID: key, Region: region, Endpoint: url, SharedCredsFilename: file})
		}
	}
	wrappertest.Run(t, wrappertest.Harness{
		New:          with(l.URL, "alias/app"),
		WrongKey:     with(l.URL, "alias/other"),
		WrongAccount: with(strange.URL, "alias/app"),
		Untrusted: func(t *testing.T) wrapping.Wrapper {
			untrust(t)
			return with(l.URL, "alias/app")(t)
		},
		Engine: &wrappertest.Engine{
			Calls:    func() int { return l.Count("Encrypt", "Decrypt") },
			Silence:  func(*testing.T) { l.Hang() },
			Deny:     func(*testing.T) { l.Deny() },
			Fail:     func(_ *testing.T, n int) { l.Fail(n) },
			Throttle: func(_ *testing.T, n int) { l.Throttle(n) },
			Cut:      func(_ *testing.T, n int) { l.Cut(n) },
			Rotate:   nil, // local-kms rotates by the calendar, once a year
			Disable:  func(t *testing.T) { l.admin(t, "DisableKey", map[string]any{"KeyId": l.app}) },
			Delete: func(t *testing.T) {
				l.admin(t, "ScheduleKeyDeletion", map[string]any{"KeyId": l.app, "PendingWindowInDays": 7})
			},
			Expire: func(*testing.T) { l.expire(first.AccessKeyID) },
			Reload: func(t *testing.T) { writeCredentials(t, file, next) },
			Restore: func(t *testing.T) {
				l.Restore()
				l.enable(t)
				l.expire("")
				writeCredentials(t, file, first)
			},
		},
		Secrets: []string{first.SecretAccessKey, first.SessionToken, next.SecretAccessKey, next.SessionToken},
		Says: says(l.URL, map[string][]string{
			"wrong account": {"alias/app is not the key that wrapped this"},
			// local-kms hides why behind a denial when it decrypts; hence the last words of that hint.
			"disabled key":     {"AWS answered 400", "enable"},
			"deletion pending": {"AWS answered 400", "enable"},
		}),
	})
}

// enable undoes a deletion that is pending, which leaves a key disabled, and that.
func (l *localKMS) enable(t *testing.T) {
	t.Helper()
	seen := l.admin(t, "DescribeKey", map[string]any{"KeyId": l.app})
	if seen["KeyMetadata"].(map[string]any)["KeyState"] == "PendingDeletion" {
		l.admin(t, "CancelKeyDeletion", map[string]any{"KeyId": l.app})
	}
	l.admin(t, "EnableKey", map[string]any{"KeyId": l.app})
}
