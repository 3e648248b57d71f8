// Package customwrapper is a provider that sealwax does not know: the key service of some house, spoken to over HTTP. It
// is all that a stranger has to write, and docs/writing-a-provider.md explains it.
//
//	POST ADDRESS/wrap/KEY    {"plaintext": BASE64, "context": BASE64}   ->  {"ciphertext": BASE64}
//	POST ADDRESS/unwrap/KEY  {"ciphertext": BASE64, "context": BASE64}  ->  {"plaintext": BASE64}
package customwrapper

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Wrapper wraps under one key of the service. It may be used concurrently.
type Wrapper struct {
	address string
	key     string
	token   func() ([]byte, error) // asked at each call, so that a renewed token is used
	client  *http.Client
}

var (
	_ wrapping.Wrapper    = (*Wrapper)(nil)
	_ wrappers.Schemer    = (*Wrapper)(nil)
	_ wrappers.Classifier = (*Wrapper)(nil)
)

// New returns a wrapper under the key with this name at the service with this address.
func New(address, key string, token func() ([]byte, error)) *Wrapper {
	// A transport of its own, so that Close closes its connections and nobody else's.
	client := &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	return &Wrapper{address: address, key: key, token: token, client: client}
}

// Configure returns the wrapper that a config's block describes. It calls nobody and reads no file.
func Configure(_ context.Context, s *wrappers.Settings) (wrapping.Wrapper, error) {
	address, key, token := s.Require("address"), s.Require("key"), s.Secret("token")
	if token.IsZero() {
		s.Missing("token")
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	return New(address, key, token.Func()), nil
}

// Type returns the name of the provider.
func (w *Wrapper) Type(context.Context) (wrapping.WrapperType, error) { return "house", nil }

// KeyId returns the name of the key. It calls nobody.
func (w *Wrapper) KeyId(context.Context) (string, error) { return w.key, nil }

// SetConfig refuses: New and Configure return a wrapper that is configured for good.
func (w *Wrapper) SetConfig(context.Context, ...wrapping.Option) (*wrapping.WrapperConfig, error) {
	return nil, fmt.Errorf("customwrapper: SetConfig: %w", wrapping.ErrFunctionNotImplemented)
}

// Encrypt wraps plaintext, bound to the option WithAad.
func (w *Wrapper) Encrypt(ctx context.Context, plaintext []byte, options ...wrapping.Option) (*wrapping.BlobInfo, error) {
	o, err := wrapping.GetOpts(options...)
	if err != nil {
		return nil, err
	}
	answer, err := w.call(ctx, "wrap", message{Plaintext: plaintext, Context: o.WithAad})
	if err != nil {
		return nil, err
	}
	return &wrapping.BlobInfo{Ciphertext: answer.Ciphertext, KeyInfo: &wrapping.KeyInfo{KeyId: w.key}}, nil
}

// Decrypt unwraps what Encrypt returned. The key is the configured one, whatever a file says.
func (w *Wrapper) Decrypt(ctx context.Context, info *wrapping.BlobInfo, options ...wrapping.Option) ([]byte, error) {
	o, err := wrapping.GetOpts(options...)
	if err != nil {
		return nil, err
	}
	if id := info.GetKeyInfo().GetKeyId(); id != w.key {
		return nil, &otherKeyError{id}
	}
	answer, err := w.call(ctx, "unwrap", message{Ciphertext: info.GetCiphertext(), Context: o.WithAad})
	if err != nil {
		return nil, err
	}
	return answer.Plaintext, nil
}

// Close closes the connections that are kept for further calls.
func (w *Wrapper) Close() error {
	w.client.CloseIdleConnections()
	return nil
}

// Scheme names how the ciphertexts are made. It is stored with each of them.
func (w *Wrapper) Scheme() string { return "house/1" }

// KeyVersion returns "": the service does not say which version of the key it used.
func (w *Wrapper) KeyVersion([]byte) string { return "" }

// CheckCiphertext refuses what the service could not have returned: a nonce of 12 bytes, 1 to 128, a tag of 16.
func (w *Wrapper) CheckCiphertext(ciphertext []byte) error {
	if n := len(ciphertext); n < 12+1+16 || n > 12+wrappers.MaxPlaintext+16 {
		return fmt.Errorf("%d bytes, want 29 to 156", n)
	}
	return nil
}

// Classify says what an error asks for. Timeouts and errors of the network need no word here.
func (w *Wrapper) Classify(err error) (wrappers.Class, string) {
	if _, ok := errors.AsType[*otherKeyError](err); ok {
		return wrappers.Never, ""
	}
	status, ok := errors.AsType[*statusError](err)
	if !ok {
		return 0, ""
	}
	switch {
	case status.code == http.StatusUnauthorized, status.code == http.StatusForbidden:
		return wrappers.Ask, "have the token granted wrap and unwrap on the key " + w.key
	case status.code == http.StatusTooManyRequests, status.code >= 500:
		return wrappers.Later, ""
	case status.code == http.StatusUnprocessableEntity:
		return wrappers.Never, ""
	}
	return wrappers.Ask, ""
}

type message struct {
	Plaintext  []byte `json:"plaintext,omitempty"`
	Ciphertext []byte `json:"ciphertext,omitempty"`
	Context    []byte `json:"context,omitempty"`
}

// call heeds ctx and reads no more than an answer can have.
func (w *Wrapper) call(ctx context.Context, verb string, m message) (*message, error) {
	request, err := w.request(ctx, verb, m)
	if err != nil {
		return nil, err
	}
	response, err := w.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, wrappers.MaxBlob))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, &statusError{response.StatusCode}
	}
	answer := &message{}
	if json.Unmarshal(body, answer) != nil {
		return nil, errors.New("the key service's answer is not JSON") // and may hold the plaintext, so it is not shown
	}
	return answer, nil
}

func (w *Wrapper) request(ctx context.Context, verb string, m message) (*http.Request, error) {
	token, err := w.token()
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.address+"/"+verb+"/"+w.key, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+string(token))
	return request, nil
}

// statusError is an answer of the service that is not 200.
type statusError struct{ code int }

func (e *statusError) Error() string {
	return fmt.Sprintf("the key service answered %d %s", e.code, http.StatusText(e.code))
}

// otherKeyError is about a blob that another key wrapped.
type otherKeyError struct{ id string }

func (e *otherKeyError) Error() string { return fmt.Sprintf("wrapped under another key, %q", e.id) }
