package config

import (
	"fmt"
	"slices"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

// fields are the attributes of one block, on their way out: each is taken once, and what is left is refused or belongs
// to a provider.
type fields struct {
	block
	problems *problems
	taken    map[string]bool
}

func newFields(b block, p *problems) *fields {
	return &fields{block: b, problems: p, taken: make(map[string]bool)}
}

// find returns the attribute of that name, nil if the file does not have it.
func (f *fields) find(name string) *wrappers.Setting {
	for i := range f.attrs {
		if f.attrs[i].Name == name {
			return &f.attrs[i]
		}
	}
	return nil
}

// take returns the attribute of that name, nil if it is not there or was reported already.
func (f *fields) take(name string) *wrappers.Setting {
	f.taken[name] = true
	a := f.find(name)
	if a == nil || a.Value == nil {
		return nil
	}
	return a
}

// require reports an attribute that is not there.
func (f *fields) require(name string) {
	if f.find(name) == nil {
		f.problems.at(f.file, f.line, "%s: %s is missing", f.title(), name)
	}
}

// text returns the string that check accepts, "" if there is none.
func (f *fields) text(name string, check func(string) error) string {
	a := f.take(name)
	if a == nil {
		return ""
	}
	s, ok := a.Value.(string)
	if !ok {
		f.problems.at(f.file, a.Line, "%s: %s must be a string in quotes", f.title(), name)
		return ""
	}
	if err := check(s); err != nil {
		f.problems.at(f.file, a.Line, "%s: %s %v", f.title(), name, err)
		return ""
	}
	return s
}

// number returns the number between least and most, 0 if there is none.
func (f *fields) number(name string, least, most int64) int64 {
	a := f.take(name)
	if a == nil {
		return 0
	}
	n, ok := a.Value.(int64)
	if !ok || n < least || n > most {
		f.problems.at(f.file, a.Line, "%s: %s must be a whole number from %d to %d", f.title(), name, least, most)
		return 0
	}
	return n
}

// duration returns the duration between least and most, 0 if there is none.
func (f *fields) duration(name string, least, most time.Duration) (d time.Duration) {
	f.text(name, func(s string) error {
		given, err := time.ParseDuration(s)
		if err != nil || given < least || given > most {
			return fmt.Errorf("%.80q is not a duration from %v to %v, such as \"1.5s\" or \"720h\"", s, least, most)
		}
		d = given
		return nil
	})
	return d
}

// seconds returns a duration of whole seconds, 0 if there is none.
func (f *fields) seconds(name string, most time.Duration) time.Duration {
	d := f.duration(name, time.Second, most)
	if d%time.Second != 0 {
		f.problems.at(f.file, f.find(name).Line, "%s: %s must be whole seconds", f.title(), name)
		return 0
	}
	return d
}

// texts returns the strings of a list that each pass check, none of them twice; nil if there is none.
func (f *fields) texts(name string, check func(string) error) []string {
	a := f.take(name)
	if a == nil {
		return nil
	}
	list, ok := a.Value.([]string)
	if !ok || len(list) == 0 {
		f.problems.at(f.file, a.Line, "%s: %s must be a list of strings, such as [\"a\", \"b\"]", f.title(), name)
		return nil
	}
	for i, s := range list {
		err := check(s)
		if err == nil && slices.Contains(list[:i], s) {
			err = fmt.Errorf("has %q twice", s)
		}
		if err != nil {
			f.problems.at(f.file, a.Line, "%s: %s %v", f.title(), name, err)
			return nil
		}
	}
	return list
}

// boolean returns true or false, in quotes or not, or def if the attribute is not there.
func (f *fields) boolean(name string, def bool) bool {
	a := f.take(name)
	if a == nil {
		return def
	}
	switch a.Value {
	case true, "true":
		return true
	case false, "false":
		return false
	}
	f.problems.at(f.file, a.Line, "%s: %s must be true or false", f.title(), name)
	return def
}

// rest returns what was not taken. No provider has a setting that is a list.
func (f *fields) rest() []wrappers.Setting {
	var rest []wrappers.Setting
	for _, a := range f.attrs {
		if f.taken[a.Name] || a.Value == nil {
			continue
		}
		if _, isList := a.Value.([]string); isList {
			f.problems.at(f.file, a.Line, "%s: %s %s", f.title(), a.Name, notPlain)
			continue
		}
		rest = append(rest, a)
	}
	return rest
}

// refuseRest reports what was not taken.
func (f *fields) refuseRest() {
	for _, a := range f.attrs {
		if !f.taken[a.Name] {
			f.problems.at(f.file, a.Line, "%s: unknown attribute %q", f.title(), a.Name)
		}
	}
}
