package transit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// The engine itself is in internal/e2e. Here stand answers that a Vault of 2023 no longer gives, and what goes wrong
// before a request.

func describe(v any) string { return fmt.Sprintf("%#v", v) }

// answering returns a wrapper for a server that gives one answer, and the bodies of the requests.
func answering(t *testing.T, status int, answer string) (*Wrapper, *[]map[string]any) {
	t.Helper()
	var bodies []map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		bodies = append(bodies, body)
		w.WriteHeader(status)
		w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	return newWrapper(t, Config{Address: server.URL, DisableRenewal: true, Token: token("hvs.secret")}), &bodies
}

func newWrapper(t *testing.T, c Config) *Wrapper {
	t.Helper()
	c.MountPath, c.KeyName = "transit", "app"
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func token(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}

const ciphertext = "vault:v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func TestOldVaultThatDropsTheContext(t *testing.T) {
	w, bodies := answering(t, 200, `{"data": {"ciphertext": "`+ciphertext+`"}, "warnings": ["Endpoint ignored these unrecognized parameters: [associated_data]"]}`)
	_, err := w.Encrypt(t.Context(), []byte("root"), wrapping.WithAad([]byte("here")))
	if err == nil || !strings.Contains(err.Error(), "this Vault ignores associated data: 1.13 or newer is needed") {
		t.Errorf("got %v", err)
	}
	if class, _ := w.Classify(err); class != wrappers.Ask {
		t.Errorf("class: got %v, want ask", class)
	}
	if got := fmt.Sprint(*bodies); got != "[map[associated_data:aGVyZQ== plaintext:cm9vdA==]]" {
		t.Errorf("requests: got %s", got)
	}
}

func TestOtherWarningsAreNoErrors(t *testing.T) {
	w, bodies := answering(t, 200, `{"data": {"ciphertext": "`+ciphertext+`"}, "warnings": ["maintenance tonight"]}`)
	blob, err := w.Encrypt(t.Context(), []byte("root"))
	if err != nil || string(blob.Ciphertext) != ciphertext {
		t.Errorf("got %v, %v", blob, err)
	}
	if got := fmt.Sprint(*bodies); got != "[map[plaintext:cm9vdA==]]" {
		t.Errorf("requests: got %s", got)
	}
}

func TestAnswersThatAreNotVaults(t *testing.T) {
	for _, answer := range []string{`{}`, `{"data": {"ciphertext": 7}}`, `{"data": {"ciphertext": "vault:v1:"}}`, ``} {
		w, _ := answering(t, 200, answer)
		_, err := w.Encrypt(t.Context(), []byte("root"))
		if err == nil || !strings.Contains(err.Error(), "Vault answered encrypt without a ciphertext") {
			t.Errorf("%s: got %v", answer, err)
		}
	}
}

func TestWhatGoesWrongBeforeARequest(t *testing.T) {
	for _, c := range []struct {
		name   string
		config Config
		env    [2]string
		want   string
	}{
		{"token cannot be read", Config{Token: func() ([]byte, error) { return nil, errors.New("gone") }}, [2]string{}, "transit: read the token: gone"},
		{"empty token", Config{Token: token(" \n")}, [2]string{}, "the token is empty"},
		{"token of two lines", Config{Token: token("hvs.a\nhvs.b")}, [2]string{}, "characters that no token has"},
		{"no such authority", Config{TLSCACert: "/nowhere/ca.pem"}, [2]string{}, "/nowhere/ca.pem"},
		{"no such key", Config{TLSClientCert: "/nowhere/c.pem", TLSClientKey: "/nowhere/k.pem"}, [2]string{}, "/nowhere/c.pem"},
		{"unreadable variable", Config{}, [2]string{"VAULT_RATE_LIMIT", "many"}, "VAULT_RATE_LIMIT"},
		{"broken address in a variable", Config{}, [2]string{"VAULT_ADDR", "https://user:hvs.%zz@vault"}, `in VAULT_ADDR, VAULT_AGENT_ADDR or VAULT_PROXY_ADDR: invalid URL escape "%zz"`},
		{"broken proxy in a variable", Config{Address: "https://vault:8200"}, [2]string{"VAULT_PROXY_ADDR", "http://user:hvs.%zz@proxy"}, `VAULT_PROXY_ADDR: invalid URL escape "%zz"`},
		{"authority of a variable", Config{TLSCACert: "ca.pem"}, [2]string{"VAULT_CACERT", "/nowhere/ca.pem"}, "VAULT_* variables"},
		{"half a certificate in variables", Config{}, [2]string{"VAULT_CLIENT_CERT", "c.pem"}, "VAULT_* variables"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.env[0] != "" {
				t.Setenv(c.env[0], c.env[1])
			}
			w := newWrapper(t, c.config)
			err := w.Check(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hvs.") {
				t.Fatalf("Check: got %v, want %q", err, c.want)
			}
			if class, _ := w.Classify(err); class != wrappers.Ask {
				t.Errorf("class: got %v, want ask", class)
			}
			if _, again := w.Encrypt(t.Context(), []byte("root")); again == nil || again.Error() != err.Error() {
				t.Errorf("Encrypt: got %v, want what Check said", again)
			}
		})
	}
}

func TestNothingPrintsTheToken(t *testing.T) {
	w, _ := answering(t, 200, `{"data": {"ciphertext": "`+ciphertext+`"}}`)
	w.config.DisableRenewal = false
	if _, err := w.Encrypt(t.Context(), []byte("root")); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		for _, v := range []any{w, struct{ w *Wrapper }{w}, []any{w}} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, "hvs.secret") || strings.Contains(out, fmt.Sprintf("%x", "hvs.secret")) {
				t.Errorf("%s of %T shows the token", verb, v)
			}
		}
	}
}

// A proxy, or a debugging page, may answer with the request.
func TestAnswerThatRepeatsTheRequest(t *testing.T) {
	for _, form := range []string{`{"errors": [%q]}`, "<pre>%s</pre>"} {
		root := bytes.Repeat([]byte("0123456789abcdef"), 4)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, form, "\x1b[2J"+r.Header.Get("X-Vault-Token")+" may not "+string(body))
		}))
		defer server.Close()
		w := newWrapper(t, Config{Address: server.URL, DisableRenewal: true, Token: token("hvs.secret")})
		_, err := w.Encrypt(t.Context(), root)
		for e := err; e != nil; e = errors.Unwrap(e) {
			if text := e.Error(); strings.Contains(text, "hvs.secret") || !strings.Contains(text, "[token] may not") {
				t.Errorf("%T: got %q, want the answer without the token", e, text)
			}
		}

		k, err := wrappers.New(w, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Wrap(t.Context(), root, nil)
		want := "wrappers: wrap with transit (key transit/keys/app): [the driver's text is withheld: it repeats the plaintext]; renew the token"
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("through a KEK: got %v, want %s…", err, want)
		}
	}
}

func TestUsedAfterClose(t *testing.T) {
	w := newWrapper(t, Config{})
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Encrypt(t.Context(), []byte("root")); err == nil || !strings.Contains(err.Error(), "used after Close") {
		t.Errorf("got %v", err)
	}
	if _, err := w.SetConfig(t.Context()); err == nil {
		t.Error("SetConfig: got no error")
	}
}

func TestDecryptChecksBeforeItAsks(t *testing.T) {
	w := newWrapper(t, Config{Address: "http://127.0.0.1:1"})
	for _, c := range []struct {
		blob *wrapping.BlobInfo
		want string
	}{
		{nil, `wrapped under "", the config names "transit/keys/app"`},
		{&wrapping.BlobInfo{KeyInfo: &wrapping.KeyInfo{KeyId: "transit/keys/app"}}, "malformed blob"},
	} {
		_, err := w.Decrypt(t.Context(), c.blob)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
		if class, _ := w.Classify(err); class != wrappers.Never {
			t.Errorf("class of %v: got %v, want never", err, class)
		}
	}
}
