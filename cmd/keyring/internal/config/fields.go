package config

import (
	"fmt"
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
func (f *fields) number(name string, least, most int64) int {
	a := f.take(name)
	if a == nil {
		return 0
	}
	n, ok := a.Value.(int64)
	if !ok || n < least || n > most {
		f.problems.at(f.file, a.Line, "%s: %s must be a whole number from %d to %d", f.title(), name, least, most)
		return 0
	}
	return int(n)
}

// duration returns the duration between least and most, 0 if there is none.
func (f *fields) duration(name string, least, most time.Duration) (d time.Duration) {
	f.text(name, func(s string) error {
		given, err := time.ParseDuration(s)
		if err != nil || given < least || given > most {
			return fmt.Errorf("%.80q is not a duration from %v to %v, such as \"1.5s\"", s, least, most)
		}
		d = given
		return nil
	})
	return d
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

// rest returns what was not taken.
func (f *fields) rest() []wrappers.Setting {
	var rest []wrappers.Setting
	for _, a := range f.attrs {
		if !f.taken[a.Name] && a.Value != nil {
			rest = append(rest, a)
		}
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
