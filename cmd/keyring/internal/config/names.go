package config

import (
	"errors"
	"fmt"

	"github.com/sealwax/sealwax/internal/names"
)

// checkLabel wants one DNS label.
func checkLabel(s string) error {
	if !names.IsLabel(s) {
		return fmt.Errorf("%.80q is not one DNS label: 1 to %d of a-z, 0-9 and -, not at either end", s, names.MaxLabel)
	}
	return nil
}

// checkName returns a check for names of at most that many characters.
func checkName(most int) func(string) error {
	return func(s string) error {
		if !names.IsName(s) || len(s) > most {
			return fmt.Errorf("%.80q is not a name: 1 to %d of a-z, 0-9 and -", s, most)
		}
		return nil
	}
}

// orEmpty returns a check that also accepts the empty string.
func orEmpty(check func(string) error) func(string) error {
	return func(s string) error {
		if s == "" {
			return nil
		}
		return check(s)
	}
}

func checkNotEmpty(s string) error {
	if s == "" {
		return errors.New("is empty")
	}
	return nil
}
