package awskms

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

// KMS itself is in internal/e2e. Here stand what goes wrong before a request, and answers that no engine there gives.

const (
	keyID  = "1234abcd-12ab-34cd-56ef-1234567890ab"
	keyARN = "arn:aws:kms:eu-central-1:111122223333:key/" + keyID
	blob64 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" // 30 bytes
)

// answers is a server that gives prepared answers.
type answers struct {
	*httptest.Server
	mu       sync.Mutex
	requests []seen
}

// seen is a request that arrived.
type seen struct {
	method, path, target, authorization string
	body                                map[string]any
}

// answering starts a server that gives the same answer to everybody.
func answering(t *testing.T, status int, body string) *answers {
	t.Helper()
	return answeringWith(t, func(w http.ResponseWriter, _ seen) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	})
}

func answeringWith(t *testing.T, answer func(http.ResponseWriter, seen)) *answers {
	t.Helper()
	a := new(answers)
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := seen{method: r.Method, path: r.URL.Path, target: r.Header.Get("X-Amz-Target"), authorization: r.Header.Get("Authorization")}
		json.NewDecoder(r.Body).Decode(&got.body) // a login's is no JSON
		a.mu.Lock()
		a.requests = append(a.requests, got)
		a.mu.Unlock()
		answer(w, got)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *answers) seen() []seen {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.requests
}

// noVariables takes away what a developer's machine may have set.
func noVariables(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_KMS_ENDPOINT", "AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL_STS",
		"AWSKMS_WRAPPER_KEY_ID", "VAULT_AWSKMS_SEAL_KEY_ID", "HTTPS_PROXY", "HTTP_PROXY",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// newWrapper returns a wrapper with a key and a fixed access key, unless the config has others.
func newWrapper(t *testing.T, c Config) *Wrapper {
	t.Helper()
	noVariables(t)
	if c.KeyID == "" {
		c.KeyID = keyARN
	}
	if c.AccessKey == nil {
		c.AccessKey, c.SecretKey, c.SessionToken = fixedText("AKIDEXAMPLE"), fixedText("hush-hush-secret"), fixedText("hush-hush-token")
	}
	return plainWrapper(t, c)
}

func plainWrapper(t *testing.T, c Config) *Wrapper {
	t.Helper()
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func fixedText(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}

// wantError wants an error that has a text, no secret, and a class and a hint from the wrapper.
func wantError(t *testing.T, w *Wrapper, err error, text string, class wrappers.Class, hint string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "hush") {
		t.Fatalf("got error %v, want %q", err, text)
	}
	gotClass, gotHint := w.Classify(err)
	if gotClass != class || !strings.Contains(gotHint, hint) {
		t.Errorf("%v: got class %v with hint %q, want %v with %q", err, gotClass, gotHint, class, hint)
	}
}
