package azurekeyvault

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

// request is what js/azure.mjs does, with Microsoft's own JavaScript libraries.
type request struct {
	Tenant    string `json:"tenant"`
	Client    string `json:"client"`
	Secret    string `json:"secret"`
	Operation string `json:"operation"`
	Vault     string `json:"vault,omitempty"`
	Name      string `json:"name,omitempty"`
	ID        string `json:"id,omitempty"` // of a key, with or without its version
	Algorithm string `json:"algorithm,omitempty"`
	Value     []byte `json:"value,omitempty"`
}

type response struct {
	ID      string
	Value   []byte
	Type    string
	Bits    int
	Enabled bool
	Purge   time.Time
	Actions []string

	Error, Code, Inner, Message string
	Status                      int
}

// javaScript does what r says.
func javaScript(t *testing.T, r request) response {
	t.Helper()
	r.Tenant, r.Client, r.Vault, r.Name = azureserver.Tenant, azureserver.Client, "https://prod.vault.azure.net", "app"
	if r.Secret == "" {
		r.Secret = secret
	}
	if r.ID == "" {
		r.ID = "https://prod.vault.azure.net/keys/app"
	}
	var a response
	kektest.Node(t, proxy.Environ(os.Environ()), "azure.mjs", r, &a)
	return a
}

func TestMicrosoftsLibraryUnwrapsWhatWeWrapped(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, config()))
	s.Rotate(t, "prod", "app", 2048) // so that the version matters
	id := w.KeyID + "/" + w.KeyVersion
	for _, operation := range []string{"unwrap", "decrypt"} {
		if a := javaScript(t, request{Operation: operation, ID: id, Value: w.Blob}); !bytes.Equal(a.Value, kektest.Root) || a.ID != id {
			t.Errorf("%s: got %+v", operation, a)
		}
	}
}

func TestWeUnwrapWhatMicrosoftsLibraryWrapped(t *testing.T) {
	s := start(t)
	k := newKEK(t, config())
	own := wrap(t, k)
	id := own.KeyID + "/" + own.KeyVersion
	for _, operation := range []string{"wrap", "encrypt"} {
		wantCalls(t, s, operation, calls{"token": 1, "challenge": 1, "get": 1, operations[operation]: 1, "unwrapkey": 1}, func() {
			a := javaScript(t, request{Operation: operation, ID: id, Value: kektest.Root})
			w := *own
			w.Blob = a.Value
			if a.ID != id {
				t.Fatalf("%s: got %+v", operation, a)
			}
			wantOpen(t, k, &w)
		})
	}
}

// operations are how a vault's paths call them.
var operations = map[string]string{"wrap": "wrapkey", "encrypt": "encrypt"}

func TestMicrosoftsLibraryReadsOurKeys(t *testing.T) {
	s := start(t)
	version := s.Rotate(t, "prod", "app", 3072)
	s.SetRotationPolicy(t, "prod", "app", "P90D")
	if a := javaScript(t, request{Operation: "get"}); a.ID != "https://prod.vault.azure.net/keys/app/"+version || a.Type != "RSA" || a.Bits != 3072 || !a.Enabled {
		t.Errorf("get: got %+v", a)
	}
	if a := javaScript(t, request{Operation: "rotation"}); strings.Join(a.Actions, ", ") != "Notify P30D, Rotate P90D" {
		t.Errorf("rotation policy: got %+v", a)
	}
	s.Delete(t, "prod", "app")
	if a := javaScript(t, request{Operation: "deleted"}); a.Purge.Before(time.Now().AddDate(0, 0, 89)) || a.ID != "https://prod.vault.azure.net/keys/app/"+version {
		t.Errorf("deleted key: got %+v", a)
	}
}

// What a vault or a login refuses, Microsoft's library reads as it reads the real one's refusals.
func TestMicrosoftsLibraryReadsOurErrors(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, config()))
	id := w.KeyID + "/" + w.KeyVersion
	for _, c := range []struct {
		name    string
		disturb func()
		request request
		want    response
	}{
		{"disabled", func() { s.Enable(t, "prod", "app", false) }, request{}, response{Error: "RestError", Status: 403, Code: "Forbidden", Inner: "KeyDisabled", Message: "not allowed on a disabled key"}},
		{"denied", func() { s.Deny(t, "prod", "ForbiddenByRbac") }, request{}, response{Error: "RestError", Status: 403, Code: "Forbidden", Inner: "ForbiddenByRbac", Message: "Caller is not authorized"}},
		{"deleted", func() { s.Delete(t, "prod", "app") }, request{}, response{Error: "RestError", Status: 404, Code: "KeyNotFound", Message: "was not found in this key vault"}},
		{"throttled", func() { s.Throttle(1000) }, request{}, response{Error: "RestError", Status: 429, Code: "Throttled", Inner: "VaultRequestTypeLimitReached", Message: "too many requests"}},
		{"forged", func() {}, request{Value: make([]byte, 256)}, response{Error: "RestError", Status: 400, Code: "BadParameter", Message: "Unable to decrypt"}},
		{"wrong secret", func() {}, request{Secret: "8Q~wrong"}, response{Error: "AuthenticationRequiredError", Message: "AADSTS7000215"}},
		{"expired secret", func() { s.ExpireSecret(secret) }, request{}, response{Error: "AuthenticationRequiredError", Message: "AADSTS7000222"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer mend(t, s)
			c.disturb()
			c.request.Operation, c.request.ID = "unwrap", id
			if c.request.Value == nil {
				c.request.Value = w.Blob
			}
			got := javaScript(t, c.request)
			if got.Error != c.want.Error || got.Status != c.want.Status || got.Code != c.want.Code || got.Inner != c.want.Inner || !strings.Contains(got.Message, c.want.Message) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}
