package wrappers

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Setting is one attribute of a KEK's block in a config file.
type Setting struct {
	Name  string
	Value any    // string, bool or int64
	File  string // where it stands, for errors and for paths relative to it
	Line  int
}

// Settings are the attributes of one KEK's block, read strictly: [Settings.Err] complains about each one that nobody
// asked for, each one that was required and is missing, and each one that is empty or of the wrong type, with file and
// line. The getters therefore return no errors, and a provider's Configure asks for everything first and calls Err last.
//
// A Settings is used by one goroutine and thrown away after Configure.
type Settings struct {
	id       string
	file     string
	line     int
	items    map[string]Setting
	asked    map[string]bool
	errs     []error
	warnings []string
}

// NewSettings returns the settings of the KEK with this ID ("provider" or "provider.name").
func NewSettings(id string, items []Setting) *Settings {
	s := &Settings{id: id, items: make(map[string]Setting, len(items)), asked: map[string]bool{}}
	for _, item := range items {
		if first, twice := s.items[item.Name]; twice {
			s.fail(item, "given twice, first in line %d", first.Line)
			continue
		}
		s.items[item.Name] = item
	}
	if len(items) > 0 {
		s.file, s.line = items[0].File, items[0].Line
	}
	return s
}

// At says where the block begins, which is what an error about a missing setting names, and returns s. Without it that
// is where the first setting stands.
func (s *Settings) At(file string, line int) *Settings {
	s.file, s.line = file, line
	return s
}

// ID returns the KEK's ID, for a provider's own messages.
func (s *Settings) ID() string { return s.id }

// Has reports whether the block gives the setting, and counts as asking for it.
func (s *Settings) Has(name string) bool {
	_, ok := s.take(name)
	return ok
}

// String returns a string setting, "" if it is missing. One that is given must not be empty: whether that meant none, or
// whatever the environment says, would be for the provider's library to decide.
func (s *Settings) String(name string) string {
	item, ok := s.take(name)
	if !ok {
		return ""
	}
	switch text, isString := item.Value.(string); {
	case !isString:
		s.failType(item, "a string")
	case text == "":
		s.fail(item, "is empty; leave it out to have it unset")
	default:
		return text
	}
	return ""
}

// Require returns a string setting that must be there.
func (s *Settings) Require(name string) string {
	if !s.Has(name) {
		s.Missing(name)
	}
	return s.String(name)
}

// Bool returns a boolean setting, which may be quoted, or def if it is missing.
func (s *Settings) Bool(name string, def bool) bool {
	item, ok := s.take(name)
	if !ok {
		return def
	}
	switch v := item.Value.(type) {
	case bool:
		return v
	case string:
		if v == "true" || v == "false" {
			return v == "true"
		}
	}
	s.failType(item, "true or false")
	return def
}

// Int returns an integer setting between min and max, which may be quoted, or def if it is missing.
func (s *Settings) Int(name string, def, min, max int) int {
	item, ok := s.take(name)
	if !ok {
		return def
	}
	n, ok := item.Value.(int64)
	if text, quoted := item.Value.(string); quoted {
		parsed, err := strconv.ParseInt(text, 10, 64)
		n, ok = parsed, err == nil
	}
	if !ok {
		s.failType(item, "a whole number")
		return def
	}
	if n < int64(min) || n > int64(max) {
		s.fail(item, "must be from %d to %d, is %d", min, max, n)
		return def
	}
	return int(n)
}

// Duration returns a setting such as "30s" or "1m30s", which must be positive, or def if it is missing.
func (s *Settings) Duration(name string, def time.Duration) time.Duration {
	item, ok := s.take(name)
	if !ok {
		return def
	}
	text, _ := item.Value.(string)
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		s.failType(item, `a duration like "30s"`)
		return def
	}
	return d
}

// Path returns the path that a setting names, relative to the folder of the file that gives it, "" if it is missing.
func (s *Settings) Path(name string) string {
	path := s.String(name)
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(s.items[name].File), path)
}

// File is Path for a setting that other tools allow file:// in front of, which needs an absolute path. It refuses env://,
// which for a secret would be a variable that holds it.
func (s *Settings) File(name string) string {
	text := s.String(name)
	path, isURL := strings.CutPrefix(text, filePrefix)
	switch {
	case text == "":
		return "" // which s knows the reason for
	case strings.HasPrefix(text, envPrefix):
		s.Refuse(name, "must be the path of a file")
	case isURL && !filepath.IsAbs(path):
		s.Refuse(name, "needs an absolute path after file://, as in file:///etc/ssl/kms.pem")
	case isURL:
		return path
	}
	return s.Path(name)
}

// Missing records that a setting is missing: for a provider's own rules, such as one of two settings.
func (s *Settings) Missing(name string) {
	s.take(name)
	s.errs = append(s.errs, fmt.Errorf("%s:%d: keyring %s: %s is missing", s.file, s.line, s.id, name))
}

// Refuse records that a setting's value is not acceptable, and why: for a provider's own rules. The reason must not
// repeat a secret value.
func (s *Settings) Refuse(name, reason string) {
	item, ok := s.take(name)
	if !ok {
		item = Setting{Name: name, File: s.file, Line: s.line}
	}
	s.fail(item, "%s", reason)
}

// Err returns everything that is wrong with the settings, joined, or nil. Call it when every setting has been asked for.
func (s *Settings) Err() error {
	errs := slices.Clone(s.errs)
	known := strings.Join(slices.Sorted(maps.Keys(s.asked)), ", ")
	for _, name := range slices.Sorted(maps.Keys(s.items)) {
		if !s.asked[name] {
			errs = append(errs, s.errorAt(s.items[name], "unknown setting; it could be %s", known))
		}
	}
	return errors.Join(errs...)
}

func (s *Settings) take(name string) (Setting, bool) {
	s.asked[name] = true
	item, ok := s.items[name]
	return item, ok
}

func (s *Settings) failType(item Setting, want string) {
	s.fail(item, "must be %s, is %s", want, kindOf(item.Value))
}

// kindOf names the type and not the value, which may be a secret in the wrong place.
func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "another string"
	case bool:
		return "a boolean"
	case int64:
		return "a number"
	}
	return "something else"
}

func (s *Settings) fail(item Setting, format string, args ...any) {
	s.errs = append(s.errs, s.errorAt(item, format, args...))
}

func (s *Settings) errorAt(item Setting, format string, args ...any) error {
	return fmt.Errorf("%s:%d: keyring %s: %s: %s", item.File, item.Line, s.id, item.Name, fmt.Sprintf(format, args...))
}
