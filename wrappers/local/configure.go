package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/internal/secretfile"
	"github.com/sealwax/sealwax/wrappers"
)

// Configure returns the wrapper that a config's block describes. The key is read when it is first needed.
func Configure(_ context.Context, s *wrappers.Settings) (wrapping.Wrapper, error) {
	file, env, credential := s.Path("key_file"), s.String("key_env"), s.String("credential")
	if given(s, "key_file", "key_env", "credential") != 1 {
		s.Refuse("key_file", "give exactly one of key_file, key_env and credential")
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	switch {
	case file != "":
		return &Wrapper{read: func() (secret.Bytes, error) { return secretfile.ReadPrivate(file) }}, nil
	case env != "":
		return &Wrapper{read: func() (secret.Bytes, error) { return readEnv(env) }}, nil
	}
	return &Wrapper{read: func() (secret.Bytes, error) { return secretfile.ReadCredential(credential) }}, nil
}

// given counts the settings that the block gives.
func given(s *wrappers.Settings, names ...string) (n int) {
	for _, name := range names {
		if s.Has(name) {
			n++
		}
	}
	return n
}

func readEnv(name string) (secret.Bytes, error) {
	value := os.Getenv(name)
	if value == "" {
		return secret.Bytes{}, fmt.Errorf("the environment variable %s is empty or not set: %w", name, fs.ErrNotExist)
	}
	return secret.New([]byte(value)), nil
}

// Check reports whether the key can be read and is one.
func (w *Wrapper) Check(context.Context) error {
	_, err := w.ready()
	return err
}

// wrongKeyError is about a blob that another key wrapped.
type wrongKeyError struct{ wrapped, here string }

func (e *wrongKeyError) Error() string {
	if e.wrapped == "" {
		return "it does not say under which key it was wrapped"
	}
	return "wrapped under another key; the one here is " + e.here
}

// Classify implements wrappers.Classifier.
func (w *Wrapper) Classify(err error) (wrappers.Class, string) {
	if _, ok := errors.AsType[*wrongKeyError](err); ok {
		return wrappers.Never, ""
	}
	switch {
	case errors.Is(err, errOpen), errors.Is(err, errClosed):
		return wrappers.Never, ""
	case errors.Is(err, secretfile.ErrMode): // its text has the command
		return wrappers.Ask, ""
	case errors.Is(err, fs.ErrNotExist):
		return wrappers.Ask, "put the key where the config says it is"
	case errors.Is(err, fs.ErrPermission):
		return wrappers.Ask, "let the user of this process read it"
	case errors.Is(err, errText):
		return wrappers.Ask, "put the right key where the config says it is"
	}
	return 0, ""
}
