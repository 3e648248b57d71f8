package wrappers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/internal/secretfile"
)

const (
	filePrefix = "file://"
	envPrefix  = "env://"
)

// SecretSource says where a secret setting comes from: a file, an environment variable, or the config itself. It is
// resolved at first use and not by Configure, so that a missing file stops neither status nor another KEK of the set;
// and it may be resolved again, since agents renew such files.
//
// It never prints the secret. The zero value is a setting that was not given.
type SecretSource struct {
	where  string // FILE:LINE: keyring ID: name
	inline secret.Bytes
	file   string
	env    string
}

// Secret returns where a secret setting comes from. Its value is the secret itself, file:// and an absolute path, or
// env:// and the name of a variable. The zero SecretSource if the setting is missing.
func (s *Settings) Secret(name string) SecretSource {
	text := s.String(name)
	if text == "" {
		return SecretSource{}
	}
	item := s.items[name]
	src := SecretSource{where: fmt.Sprintf("%s:%d: keyring %s: %s", item.File, item.Line, s.id, name)}
	if path, ok := strings.CutPrefix(text, filePrefix); ok {
		if !filepath.IsAbs(path) {
			s.fail(item, "needs an absolute path after %s, as in file:///run/secrets/token", filePrefix)
		}
		src.file = path
		return src
	}
	if variable, ok := strings.CutPrefix(text, envPrefix); ok {
		if variable == "" {
			s.fail(item, "needs the name of a variable after %s", envPrefix)
		}
		src.env = variable
		return src
	}
	src.inline = secret.New([]byte(text))
	return src
}

// IsZero reports that the setting was not given.
func (s SecretSource) IsZero() bool { return s.inline.Len() == 0 && s.file == "" && s.env == "" }

// Resolve reads the secret, which the caller owns and clears. A file may have up to 64 KiB, of which one newline at
// the end is dropped. Its permissions are not looked at: the agents that write such files (Vault Agent, the kubelet)
// often give them to a group, and it is they who decide. An empty secret is an error.
func (s SecretSource) Resolve() (secret.Bytes, error) {
	switch {
	case s.file != "":
		b, err := secretfile.Read(s.file)
		if err != nil {
			return secret.Bytes{}, fmt.Errorf("%s: %w", s.where, err)
		}
		return b, nil
	case s.env != "":
		value := os.Getenv(s.env)
		if value == "" {
			return secret.Bytes{}, fmt.Errorf("%s: the environment variable %s is empty or not set", s.where, s.env)
		}
		return secret.New([]byte(value)), nil
	case s.inline.Len() > 0:
		return secret.Copy(s.inline.Expose()), nil
	}
	return secret.Bytes{}, errors.New("wrappers: this secret was not given")
}

// Func returns Resolve in the form that the configs of providers take, nil if the setting was not given. Its caller owns the
// secret too, and clears it.
func (s SecretSource) Func() func() ([]byte, error) {
	if s.IsZero() {
		return nil
	}
	return func() ([]byte, error) {
		b, err := s.Resolve()
		return b.Expose(), err
	}
}

// String names the source and not the secret.
func (s SecretSource) String() string {
	switch {
	case s.file != "":
		return filePrefix + s.file
	case s.env != "":
		return envPrefix + s.env
	case s.inline.Len() > 0:
		return s.inline.String()
	}
	return "not given"
}
