package config

import (
	"errors"
	"fmt"
	"strings"
)

// The longest names that a keystore can hold.
const (
	maxLabel    = 63
	maxProvider = 32
	maxName     = 64
	maxGroup    = 24
)

// nameChars are the characters of every name in a keystore.
const nameChars = "abcdefghijklmnopqrstuvwxyz0123456789-"

// checkLabel wants one DNS label, in the one spelling that certificates and keystores have.
func checkLabel(s string) error {
	if s == "" || len(s) > maxLabel || strings.Trim(s, nameChars) != "" || s[0] == '-' || s[len(s)-1] == '-' {
		return fmt.Errorf("%.80q is not one DNS label: 1 to %d of a-z, 0-9 and -, not at either end", s, maxLabel)
	}
	return nil
}

// checkName returns a check for names of at most that many characters.
func checkName(most int) func(string) error {
	return func(s string) error {
		if s == "" || len(s) > most || strings.Trim(s, nameChars) != "" {
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
