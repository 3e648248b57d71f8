package customwrapper

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

const token = "house-token-of-the-test"

// service is the key service that the wrapper is tested against.
type service struct {
	server *httptest.Server
	keys   map[string]cipher.AEAD

	mu      sync.Mutex
	calls   int
	token   string           // that is accepted
	agent   string           // that the wrapper is given
	trouble http.HandlerFunc // what happens instead of an answer; nil for none
	left    int              // how many calls it still happens to
}

func newService(t *testing.T) *service {
	t.Helper()
	s := start()
	t.Cleanup(s.server.Close)
	return s
}

func startService() (address string, stop func()) {
	s := start()
	return s.server.URL, s.server.Close
}

func start() *service {
	s := &service{token: token, agent: token, keys: map[string]cipher.AEAD{"app": newKey(1), "other": newKey(2)}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /wrap/{key}", s.serve(func(key cipher.AEAD, m message) (message, error) {
		return message{Ciphertext: key.Seal(nil, nil, m.Plaintext, m.Context)}, nil
	}))
	mux.HandleFunc("POST /unwrap/{key}", s.serve(func(key cipher.AEAD, m message) (message, error) {
		plaintext, err := key.Open(nil, nil, m.Ciphertext, m.Context)
		return message{Plaintext: plaintext}, err
	}))
	s.server = httptest.NewServer(mux)
	return s
}

func newKey(n byte) cipher.AEAD {
	block, err := aes.NewCipher(bytes.Repeat([]byte{n}, 32))
	if err != nil {
		panic(err) // for other lengths only
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // for other ciphers only
	}
	return aead
}

// serve does what the test wants of the service, or its work.
func (s *service) serve(work func(cipher.AEAD, message) (message, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var m message
		bad := json.NewDecoder(r.Body).Decode(&m)
		trouble, token := s.arrived()
		key := s.keys[r.PathValue("key")]
		switch {
		case trouble != nil:
			trouble(w, r)
		case r.Header.Get("Authorization") != "Bearer "+token:
			w.WriteHeader(http.StatusForbidden)
		case key == nil:
			w.WriteHeader(http.StatusNotFound)
		case bad != nil:
			w.WriteHeader(http.StatusBadRequest)
		default:
			answer, err := work(key, m)
			if err != nil {
				w.WriteHeader(http.StatusUnprocessableEntity)
				return
			}
			json.NewEncoder(w).Encode(answer)
		}
	}
}

// arrived counts a call and returns what is to happen to it.
func (s *service) arrived() (trouble http.HandlerFunc, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.left--; s.left < 0 {
		return nil, s.token
	}
	return s.trouble, s.token
}

// disturb makes the next n calls end in trouble.
func (s *service) disturb(n int, trouble http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble, s.left = trouble, n
}

// tokens sets the one that is accepted and the one that the wrapper is given.
func (s *service) tokens(accepted, given string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.agent = accepted, given
}

func (s *service) given() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []byte(s.agent), nil
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	w.Write([]byte(`{"plain`))
	panic(http.ErrAbortHandler)
}

// engine is how the suite disturbs the service.
func (s *service) engine() *wrappertest.Engine {
	const always = 1 << 30
	return &wrappertest.Engine{
		Calls:    func() int { s.mu.Lock(); defer s.mu.Unlock(); return s.calls },
		Silence:  func(*testing.T) { s.disturb(always, hang) },
		Deny:     func(*testing.T) { s.disturb(always, status(http.StatusForbidden)) },
		Fail:     func(_ *testing.T, n int) { s.disturb(n, status(http.StatusServiceUnavailable)) },
		Throttle: func(_ *testing.T, n int) { s.disturb(n, status(http.StatusTooManyRequests)) },
		Cut:      func(_ *testing.T, n int) { s.disturb(n, cut) },
		Expire:   func(*testing.T) { s.tokens("the next token", token) },
		Reload:   func(*testing.T) { s.tokens("the next token", "the next token") },
		Restore:  func(*testing.T) { s.disturb(0, nil); s.tokens(token, token) },
	}
}
