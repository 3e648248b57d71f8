package awskms

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go/aws/credentials"
)

func (c *Config) accessKey() source { return source{"access_key and secret_key", fixed{c}} }

// fixed reads the access key that the config names, again whenever it is asked.
type fixed struct{ config *Config }

// Retrieve returns the key as strings, which is how the SDK keeps it: they cannot be cleared.
func (f fixed) Retrieve() (credentials.Value, error) {
	var (
		value credentials.Value
		errs  []error
	)
	for _, s := range []struct {
		name string
		read func() ([]byte, error)
		into *string
	}{
		{"access_key", f.config.AccessKey, &value.AccessKeyID},
		{"secret_key", f.config.SecretKey, &value.SecretAccessKey},
		{"session_token", f.config.SessionToken, &value.SessionToken},
	} {
		if s.read == nil {
			continue
		}
		text, err := readSecret(s.name, s.read)
		*s.into = text
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return credentials.Value{}, &setupError{err}
	}
	return value, nil
}

// IsExpired returns false: the end of such a key is known when AWS refuses it.
func (f fixed) IsExpired() bool { return false }

func readSecret(name string, read func() ([]byte, error)) (string, error) {
	b, err := read()
	defer clear(b)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	text := string(bytes.TrimSpace(b))
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("%s is empty or has characters that none has", name)
	}
	return text, nil
}
