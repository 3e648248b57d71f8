package customwrapper

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

const token = "house-token-of-the-test"

// service is the key service that the wrapper is tested against.
type service struct {
	calls  atomic.Int64
	silent atomic.Bool
	deny   atomic.Bool
	fail   atomic.Int64 // how many further calls get 503
	server *httptest.Server
	keys   map[string]cipher.AEAD
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
	s := &service{keys: map[string]cipher.AEAD{"app": newKey(1), "other": newKey(2)}}
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

// serve does what the test wants of the service before it does its work.
func (s *service) serve(work func(cipher.AEAD, message) (message, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		var m message
		bad := json.NewDecoder(r.Body).Decode(&m)
		key := s.keys[r.PathValue("key")]
		switch {
		case s.silent.Load():
			<-r.Context().Done()
		case s.fail.Add(-1) >= 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case s.deny.Load() || r.Header.Get("Authorization") != "Bearer "+token:
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

// engine is how the suite disturbs the service.
func (s *service) engine() *wrappertest.Engine {
	return &wrappertest.Engine{
		Calls:   func() int { return int(s.calls.Load()) },
		Silence: func(*testing.T) { s.silent.Store(true) },
		Deny:    func(*testing.T) { s.deny.Store(true) },
		Fail:    func(_ *testing.T, n int) { s.fail.Store(int64(n)) },
		Restore: func(*testing.T) {
			s.silent.Store(false)
			s.deny.Store(false)
			s.fail.Store(0)
		},
	}
}
