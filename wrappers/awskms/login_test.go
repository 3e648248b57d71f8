package awskms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go/aws/credentials"
	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/wrappers"
)

// signedAs returns a server that takes one access key only, and a count of its answers.
func signedAs(t *testing.T, id *atomic.Value, code string) *answers {
	t.Helper()
	return answeringWith(t, func(w http.ResponseWriter, got seen) {
		if strings.Contains(got.authorization, "Credential="+id.Load().(string)+"/") {
			w.Write([]byte(encrypted))
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type": %q, "message": "no"}`, code)
	})
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func profile(id string) string {
	return "[app]\naws_access_key_id = " + id + "\naws_secret_access_key = hush-hush-secret\n"
}

// Credentials that are refused are read again, once a call, and the request is repeated only with others.
func TestRefusedCredentialsAreReadAgain(t *testing.T) {
	for _, code := range []string{"ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"} {
		t.Run(code, func(t *testing.T) {
			var good atomic.Value
			good.Store("AKIDFIRST")
			a := signedAs(t, &good, code)
			noVariables(t)
			file := filepath.Join(t.TempDir(), "credentials")
			write(t, file, profile("AKIDFIRST"))
			w := plainWrapper(t, Config{KeyID: keyARN, Endpoint: a.URL, SharedCredsFilename: file, SharedCredsProfile: "app"})
			encrypt := func() error {
				_, err := w.Encrypt(t.Context(), []byte("root"))
				return err
			}
			if err := encrypt(); err != nil {
				t.Fatal(err)
			}

			good.Store("AKIDNEXT")
			wantError(t, w, encrypt(), "AWS answered 400 "+code, wrappers.Ask, "credentials in the file "+file+", profile app")
			if n := len(a.seen()); n != 2 {
				t.Errorf("with the old key still in the file: %d requests, want 1", n-1)
			}
			write(t, file, profile("AKIDNEXT"))
			if err := encrypt(); err != nil {
				t.Fatal(err)
			}
			if n := len(a.seen()); n != 4 {
				t.Errorf("with the new key: %d requests, want 2", n-2)
			}
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			good.Store("AKIDLAST")
			wantError(t, w, encrypt(), "AWS answered 400 "+code, wrappers.Ask, "") // and not that the file is gone
		})
	}
}

func TestDeniedIsNotRepeated(t *testing.T) {
	var good atomic.Value
	good.Store("AKIDNOBODY")
	a := signedAs(t, &good, "AccessDeniedException")
	var reads atomic.Int32
	w := newWrapper(t, Config{Endpoint: a.URL, AccessKey: func() ([]byte, error) {
		return fmt.Appendf(nil, "AKID%d", reads.Add(1)), nil
	}, SecretKey: fixedText("hush-hush-secret")})
	_, err := w.Encrypt(t.Context(), []byte("root"))
	wantError(t, w, err, "AccessDeniedException", wrappers.Ask, "allow kms:Encrypt")
	if n := len(a.seen()); n != 1 || reads.Load() != 1 {
		t.Errorf("%d requests with %d keys, want 1 with 1", n, reads.Load())
	}
}

func TestNoCredentials(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	for _, c := range []struct {
		name       string
		config     Config
		env        [2]string
		want, hint string
	}{
		{"nowhere", Config{}, [2]string{}, "awskms: no credentials anywhere: environment variables: EnvAccessKeyNotFound", "give the machine a role"},
		{"file is gone", Config{SharedCredsFilename: gone}, [2]string{}, "no credentials in the file " + gone + ": open " + gone + ": no such file", "put credentials there"},
		{"token is gone", Config{WebIdentityTokenFile: gone, RoleARN: "arn:aws:iam::111122223333:role/app"}, [2]string{}, "the web identity token file " + gone + ", for the role arn:aws:iam::111122223333:role/app: open " + gone, "put credentials there"},
		{"role alone", Config{RoleARN: "arn:aws:iam::111122223333:role/app"}, [2]string{}, "role_arn needs web_identity_token_file", ""},
		{"token alone", Config{WebIdentityTokenFile: gone}, [2]string{}, "web_identity_token_file needs role_arn", ""},
		{"unreadable secret", Config{AccessKey: func() ([]byte, error) { return nil, errors.New("gone") }, SecretKey: fixedText("hush-hush-secret")}, [2]string{}, "no credentials in access_key and secret_key: read access_key: gone", ""},
		{"empty secret", Config{AccessKey: fixedText("AKID"), SecretKey: fixedText(" \n")}, [2]string{}, "secret_key is empty or has characters that none has", ""},
		{"secret of two lines", Config{AccessKey: fixedText("AKID"), SecretKey: fixedText("hush\nhush")}, [2]string{}, "secret_key is empty or has characters", ""},
		{"no authority", Config{}, [2]string{"AWS_CA_BUNDLE", gone}, "make a session from the AWS_* variables", ""},
		{"variable is no URL", Config{}, [2]string{"AWS_KMS_ENDPOINT", "kms:443"}, "AWS_KMS_ENDPOINT is not the URL of a host", ""},
		{"variable of the login is no URL", Config{WebIdentityTokenFile: gone, RoleARN: "arn:aws:iam::111122223333:role/app"}, [2]string{"AWS_ENDPOINT_URL_STS", "sts"}, "AWS_ENDPOINT_URL_STS is not the URL of a host", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			noVariables(t)
			if c.env[0] != "" {
				t.Setenv(c.env[0], c.env[1])
			}
			c.config.KeyID = keyARN
			w := plainWrapper(t, c.config)
			_, err := w.Encrypt(t.Context(), []byte("root"))
			wantError(t, w, err, c.want, wrappers.Ask, c.hint)
			if c.name == "nowhere" {
				return // only the instance could know
			}
			if err := w.Check(t.Context()); err == nil {
				t.Error("Check: got no error")
			} else if class, _ := w.Classify(err); class != wrappers.Ask {
				t.Errorf("Check: got class %v of %v", class, err)
			}
		})
	}
}

// The driver would take the environment's.
func TestBlockWinsOverVariables(t *testing.T) {
	noVariables(t)
	file := filepath.Join(t.TempDir(), "credentials")
	write(t, file, profile("AKIDFILE")+strings.Replace(profile("AKIDOTHER"), "[app]", "[other]", 1))
	for _, c := range []struct{ variable, value string }{
		{"AWS_ACCESS_KEY_ID", "AKIDVARIABLE"}, {"AWS_PROFILE", "other"}, {"AWSKMS_WRAPPER_KEY_ID", "alias/other"},
		{"VAULT_AWSKMS_SEAL_KEY_ID", "alias/other"}, {"AWS_KMS_ENDPOINT", "http://127.0.0.1:1"}, {"AWS_REGION", "us-east-1"},
		{"AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/app"},
	} {
		t.Run(c.variable, func(t *testing.T) {
			t.Setenv("AWS_SECRET_ACCESS_KEY", "hush-hush-secret")
			t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token")
			t.Setenv(c.variable, c.value)
			a := answering(t, 200, encrypted)
			w := plainWrapper(t, Config{KeyID: keyARN, Endpoint: a.URL, SharedCredsFilename: file, SharedCredsProfile: "app"})
			if _, err := w.Encrypt(t.Context(), []byte("root")); err != nil {
				t.Fatal(err)
			}
			got := a.seen()[0]
			if got.body["KeyId"] != keyARN || !strings.Contains(got.authorization, "Credential=AKIDFILE/") || !strings.Contains(got.authorization, "/eu-central-1/") {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestVariablesFillTheGaps(t *testing.T) {
	noVariables(t)
	a := answering(t, 200, encrypted)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDVARIABLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hush-hush-secret")
	t.Setenv("AWS_ENDPOINT_URL_KMS", a.URL)
	t.Setenv("AWS_DEFAULT_REGION", "eu-central-1")
	w := plainWrapper(t, Config{KeyID: keyID})
	if _, err := w.Encrypt(t.Context(), []byte("root")); err != nil {
		t.Fatal(err)
	}
	if got := a.seen()[0].authorization; !strings.Contains(got, "Credential=AKIDVARIABLE/") || !strings.Contains(got, "/eu-central-1/") {
		t.Errorf("got %q", got)
	}

	w = plainWrapper(t, Config{KeyID: keyID, DisallowEnvVars: true})
	if _, err := w.connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.where(); got != "https://kms.eu-central-1.amazonaws.com" {
		t.Errorf("with disallow_env_vars: got %s", got)
	}
	t.Setenv("AWS_ENDPOINT_URL_STS", a.URL)
	if got, err := w.config.stsEndpoint(); got != "" || err != nil {
		t.Errorf("STS with disallow_env_vars: got %s, %v", got, err)
	}
}

// The SDK would leave its goroutine with the container's agent for ever.
func TestSilentMetadataServiceLeavesNothingRunning(t *testing.T) {
	noVariables(t)
	before := goleak.IgnoreCurrent()
	over := make(chan struct{})
	agent := answeringWith(t, func(http.ResponseWriter, seen) { <-over })
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.URL)
	w := plainWrapper(t, Config{KeyID: keyARN})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := w.Encrypt(ctx, []byte("root"))
	if took := time.Since(began); err == nil || took > 2*time.Second {
		t.Errorf("got %v after %v", err, took)
	}
	close(over)
	agent.Close()
	goleak.VerifyNone(t, before)
}

func TestRolesOfContainerAndInstance(t *testing.T) {
	const role = `{"Code": "Success", "AccessKeyId": "AKIDROLE", "SecretAccessKey": "hush-hush-secret", "Token": "hush", "Expiration": "2999-01-01T00:00:00Z"}`
	kms := answering(t, 200, encrypted)
	for _, c := range []struct {
		variable string
		answer   func(w http.ResponseWriter, r seen)
		name     string
	}{
		{"AWS_CONTAINER_CREDENTIALS_FULL_URI", func(w http.ResponseWriter, _ seen) { w.Write([]byte(role)) }, "the container's role"},
		{"AWS_EC2_METADATA_SERVICE_ENDPOINT", func(w http.ResponseWriter, r seen) {
			switch {
			case r.method == http.MethodPut:
				w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "60")
				w.Write([]byte("token"))
			case strings.HasSuffix(r.path, "/security-credentials/"):
				w.Write([]byte("app"))
			default:
				w.Write([]byte(role))
			}
		}, "the instance's role"},
	} {
		t.Run(c.name, func(t *testing.T) {
			noVariables(t)
			t.Setenv("AWS_EC2_METADATA_DISABLED", "")
			t.Setenv(c.variable, answeringWith(t, c.answer).URL)
			w := plainWrapper(t, Config{KeyID: keyARN, Endpoint: kms.URL})
			if _, err := w.Encrypt(t.Context(), []byte("root")); err != nil {
				t.Fatal(err)
			}
			from, ends := w.conn.login.seen(t.Context())
			if from != c.name || ends.Year() < 2998 {
				t.Errorf("got credentials from %s until %v, want %s", from, ends, c.name)
			}
		})
	}
}

// An agent that a variable names must be there, so without it the next attempt may fare better; an instance need not be.
func TestRemoteTroubles(t *testing.T) {
	for _, c := range []struct {
		name, variable string
		status         int
		class          wrappers.Class
		want, hint     string
	}{
		{"agent is down", "AWS_CONTAINER_CREDENTIALS_FULL_URI", 0, wrappers.Later, "the container's role: Get", "check the agent"},
		{"agent is busy", "AWS_CONTAINER_CREDENTIALS_FULL_URI", 429, wrappers.Later, "the container's role: ", "check the agent"},
		{"no instance", "AWS_EC2_METADATA_SERVICE_ENDPOINT", 0, wrappers.Ask, "the instance's role: ", "give the machine a role"},
		{"instance is busy", "AWS_EC2_METADATA_SERVICE_ENDPOINT", 503, wrappers.Later, "the instance's role: ", "try again"},
		{"no role", "AWS_EC2_METADATA_SERVICE_ENDPOINT", 404, wrappers.Ask, "the instance's role: ", "give the machine a role"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := answering(t, c.status, `{"code": "no", "message": "no"}`)
			if c.status == 0 {
				a.Close()
			}
			noVariables(t)
			t.Setenv("AWS_EC2_METADATA_DISABLED", "")
			t.Setenv(c.variable, a.URL)
			w := plainWrapper(t, Config{KeyID: keyARN})
			_, err := w.Encrypt(t.Context(), []byte("root"))
			wantError(t, w, err, c.want, c.class, c.hint)
		})
	}
}

// slow is a source that answers after a minute, or when its context ends.
type slow struct{ asked *atomic.Int32 }

func (s slow) Retrieve() (credentials.Value, error) { panic("without a context") }
func (s slow) IsExpired() bool                      { return false }

func (s slow) RetrieveWithContext(ctx credentials.Context) (credentials.Value, error) {
	s.asked.Add(1)
	select {
	case <-time.After(time.Minute):
		return credentials.Value{AccessKeyID: "AKID", SecretAccessKey: "hush-hush-secret"}, nil
	case <-ctx.Done():
		return credentials.Value{}, ctx.Err()
	}
}

// counted is a source whose credentials are others each time.
type counted struct{ asked int }

func (c *counted) IsExpired() bool { return false }

func (c *counted) Retrieve() (credentials.Value, error) {
	c.asked++
	return credentials.Value{AccessKeyID: fmt.Sprintf("AKID%d", c.asked), SecretAccessKey: "hush"}, nil
}

// Of many calls that are refused with the same credentials one looks for others.
func TestOneLooksForAll(t *testing.T) {
	c := new(counted)
	l := newLogin([]source{{"counted", c}})
	used, err := l.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if next, ok := l.renew(t.Context(), used); !ok || next.AccessKeyID != "AKID2" {
			t.Errorf("got %s, %t; want AKID2", next.AccessKeyID, ok)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	l.turn <- struct{}{} // somebody is at it
	if _, ok := l.renew(ended, used); ok {
		t.Error("renewed without the time to")
	}
	if from, ends := l.seen(ended); from != "" || !ends.IsZero() {
		t.Errorf("seen without the time to: %q, %v", from, ends)
	}
}

func TestManyWaitForOneLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := slow{new(atomic.Int32)}
		l := newLogin([]source{{"slow", s}})
		errs := make(chan error)
		for i := range 8 {
			go func() {
				ctx := t.Context()
				if i > 0 && i < 4 { // some do not have the time
					short, cancel := context.WithTimeout(ctx, time.Second)
					defer cancel()
					ctx = short
				}
				_, err := l.get(ctx)
				errs <- err
			}()
		}
		failed := 0
		for range 8 {
			if err := <-errs; err != nil {
				failed++
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
			}
		}
		if failed != 3 || s.asked.Load() < 1 || s.asked.Load() > 4 {
			t.Errorf("%d failed, %d logins; want 3, and 1 to 4", failed, s.asked.Load())
		}
	})
}
