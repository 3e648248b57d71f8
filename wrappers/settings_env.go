package wrappers

import (
	"fmt"
	"os"
	"strings"
)

// Env compares a setting with the environment variables that the provider's other tools would take it from. The block
// wins; a variable that says something else becomes a warning, without either value, as it may be a secret. A setting
// that the block leaves out, or takes from a file or a variable, is not compared.
func (s *Settings) Env(name string, vars ...string) {
	item, ok := s.take(name)
	if !ok {
		return
	}
	given := fmt.Sprint(item.Value)
	if strings.HasPrefix(given, filePrefix) || strings.HasPrefix(given, envPrefix) {
		return
	}
	for _, v := range vars {
		if value, set := os.LookupEnv(v); set && value != given {
			s.warnings = append(s.warnings, fmt.Sprintf("%s:%d: keyring %s: %s: the environment variable %s says something else and is ignored", item.File, item.Line, s.id, name, v))
		}
	}
}

// Warnings returns what [Settings.Env] found, one line each.
func (s *Settings) Warnings() []string { return s.warnings }
