package transit

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// What Vault's client takes from the environment, whatever it was configured with, is undone.
func TestVariablesThatTheClientIsToldToForget(t *testing.T) {
	for _, c := range []struct{ variable, value string }{
		{"VAULT_AGENT_ADDR", "http://127.0.0.1:1"},
		{"VAULT_ADDR", "http://127.0.0.1:1"},
		{"VAULT_WRAP_TTL", "60s"},
		{"VAULT_MAX_RETRIES", "1"},
	} {
		t.Run(c.variable, func(t *testing.T) {
			t.Setenv(c.variable, c.value)
			w, requests := counting(t, http.StatusOK, `{"data": {"ciphertext": "`+ciphertext+`"}}`)
			if _, err := w.Encrypt(t.Context(), []byte("root")); err != nil {
				t.Fatal(err)
			}
			if len(*requests) != 1 || (*requests)[0].Get("X-Vault-Wrap-TTL") != "" {
				t.Errorf("got requests with headers %v, want one without X-Vault-Wrap-TTL", *requests)
			}
		})
	}
}

func TestNothingIsSentTwice(t *testing.T) {
	for _, variable := range []string{"", "1"} {
		t.Setenv("VAULT_MAX_RETRIES", variable)
		w, requests := counting(t, http.StatusInternalServerError, `{"errors": ["internal error"]}`)
		_, err := w.Encrypt(t.Context(), []byte("root"))
		if err == nil || !strings.Contains(err.Error(), "Vault answered 500: internal error") || len(*requests) != 1 {
			t.Errorf("VAULT_MAX_RETRIES=%q: got %v after %d requests, want the error after 1", variable, err, len(*requests))
		}
	}
}

// counting returns a wrapper for a server that gives one answer, and the headers of the requests.
func counting(t *testing.T, status int, answer string) (*Wrapper, *[]http.Header) {
	t.Helper()
	var requests []http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r.Header)
		w.WriteHeader(status)
		w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	return newWrapper(t, Config{Address: server.URL, DisableRenewal: true, Token: token("hvs.secret")}), &requests
}

// Many calls whose token is refused at once go on with the new one, and not only the first that finds it.
func TestManyTokensAreRefusedAtOnce(t *testing.T) {
	const calls = 16
	var refused sync.WaitGroup
	refused.Add(calls)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Vault-Token") == "hvs.next" {
			w.Write([]byte(`{"data": {"ciphertext": "` + ciphertext + `"}}`))
			return
		}
		refused.Done()
		refused.Wait() // until all have been sent
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	var reads atomic.Int32
	w := newWrapper(t, Config{Address: server.URL, DisableRenewal: true, Token: func() ([]byte, error) {
		if reads.Add(1) == 1 {
			return []byte("hvs.first"), nil
		}
		return []byte("hvs.next"), nil
	}})
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			if _, err := w.Encrypt(t.Context(), []byte("root")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
