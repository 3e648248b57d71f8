package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// maxProblems bounds how many problems one error lists: a file that is no config at all has one a byte.
const maxProblems = 20

// A problem is one thing that is wrong. Line 0 is for what has no line.
type problem struct {
	file string
	line int
	err  error
}

// problems collects all that is wrong, so that an operator mends a file in one go. The zero value is ready.
type problems struct {
	list []problem
}

// read notes that a file could not be read.
func (p *problems) read(file string, err error) {
	p.list = append(p.list, problem{file: file, err: err})
}

// at notes what is wrong in line of file.
func (p *problems) at(file string, line int, format string, args ...any) {
	err := fmt.Errorf("%s: %s", position(file, line), fmt.Sprintf(format, args...))
	p.list = append(p.list, problem{file, line, err})
}

// diagnostics notes the errors that the HCL parser found.
func (p *problems) diagnostics(file string, diags hcl.Diagnostics) {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		line := 0
		if d.Subject != nil {
			line = d.Subject.Start.Line
		}
		p.at(file, line, "%s: %s", strings.ToLower(d.Summary), strings.Join(strings.Fields(d.Detail), " "))
	}
}

// none reports whether nothing is wrong so far.
func (p *problems) none() bool { return len(p.list) == 0 }

// err joins the problems, file by file in the order of their lines. It is nil if there are none.
func (p *problems) err() error {
	order := make(map[string]int) // of the files, as they came
	for _, q := range p.list {
		if _, ok := order[q.file]; !ok {
			order[q.file] = len(order)
		}
	}
	slices.SortStableFunc(p.list, func(a, b problem) int {
		return cmp.Or(cmp.Compare(order[a.file], order[b.file]), cmp.Compare(a.line, b.line))
	})
	var errs []error
	for _, q := range p.list[:min(len(p.list), maxProblems)] {
		errs = append(errs, q.err)
	}
	if more := len(p.list) - maxProblems; more > 0 {
		errs = append(errs, fmt.Errorf("and %d more", more))
	}
	return errors.Join(errs...)
}

// position is "file:line", or the file alone where no line is known.
func position(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}
