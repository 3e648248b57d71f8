package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/census"
	"github.com/sealwax/sealwax/keyring/source"
)

// sourceTypes are what a source may be: before the colon of an argument, and in the type attribute of the config.
var sourceTypes = map[string]func(path, region string) source.Source{
	"dir":   func(path, region string) source.Source { return source.Dir(path, region, nil) },
	"jsonl": func(path, region string) source.Source { return source.JSONL(path, region, nil) },
}

// sourcesUsage is what the commands with SOURCE arguments say about them.
const sourcesUsage = `A SOURCE is dir:ROOT, where each file ROOT/NAMESPACE/PATH is a message, jsonl:FILE, where each line is
an object with namespace, path and sealed, or the name of a source block of the config. Without one, all
sources of the config are taken.`

// sources returns what the arguments name, or all that the config names: each place once, though links of the config may
// lead to one place. Nothing is read yet. The caller closes them.
func (s *site) sources(args []string) ([]source.Source, error) {
	all := len(args) == 0
	if all {
		for _, one := range s.config.Sources {
			args = append(args, one.Name)
		}
	}
	if len(args) == 0 {
		return nil, usageError{fmt.Errorf("no source given, and %s has no source block: name one, as dir:ROOT or jsonl:FILE, or configure all with source \"NAME\" { type = …, path = … }",
			s.config.File)}
	}
	var sources []source.Source
	given := make(map[string]string)
	for _, arg := range args {
		one, err := s.source(arg)
		if err != nil {
			return nil, usageError{err}
		}
		at := realSource(one)
		first, again := given[at]
		switch {
		case again && all:
			fmt.Fprintf(s.cli.err, "note: source %s leads to where %s is, and counts once\n", arg, first)
			continue
		case again:
			return nil, usageError{fmt.Errorf("source %s is %s once more: give it once, or its messages count twice", arg, first)}
		}
		given[at] = arg
		sources = append(sources, one)
	}
	return sources, nil
}

// sourcesIfAny is sources for a command that can do without: none, and a warning, if none is given or configured.
func (s *site) sourcesIfAny(args []string) ([]source.Source, error) {
	if len(args) == 0 && len(s.config.Sources) == 0 {
		s.cli.log.Warn("no source is given or configured, so no message is counted", "config", s.config.File)
		return nil, nil
	}
	return s.sources(args)
}

// source returns the source of one argument.
func (s *site) source(arg string) (source.Source, error) {
	if kind, path, ok := strings.Cut(arg, ":"); ok {
		open := sourceTypes[kind]
		if open == nil || path == "" {
			return nil, fmt.Errorf("source %q: it is dir:ROOT, jsonl:FILE, or the name of one in the config", arg)
		}
		one := open(path, s.config.Region)
		if s.isReadOnly(kind, path) {
			one = source.ReadOnly(one)
		}
		return one, nil
	}
	for i := range s.config.Sources {
		if c := &s.config.Sources[i]; c.Name == arg {
			return s.ofConfig(c), nil
		}
	}
	return nil, fmt.Errorf("source %q: %s has no source block of that name; dir:%[1]s or jsonl:%[1]s, if it is a path", arg, s.config.File)
}

func (s *site) ofConfig(c *config.Source) source.Source {
	one := sourceTypes[c.Type](c.Path, s.config.Region)
	if s.isReadOnly(c.Type, c.Path) {
		return source.ReadOnly(one)
	}
	return one
}

// isReadOnly reports whether the config has a read-only source at this path: a backup is none the less one when somebody
// spells it out, or another block leads to it.
func (s *site) isReadOnly(kind, path string) bool {
	for _, c := range s.config.Sources {
		if c.ReadOnly && c.Type == kind && samePath(c.Path, path) {
			return true
		}
	}
	return false
}

// realSource names a source by what its path leads to.
func realSource(one source.Source) string {
	kind, path, _ := strings.Cut(one.String(), ":")
	return kind + ":" + realPath(path)
}

// samePath compares paths by what they lead to, where that is there.
func samePath(a, b string) bool { return realPath(a) == realPath(b) }

func realPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// takeCensus warns of a source without a single record: that is what a folder looks like where a disk is not mounted.
func (s *site) takeCensus(ctx context.Context, ring *keyring.Ring, sources []source.Source) (*census.Report, error) {
	met := make(map[string]bool)
	report, err := census.Take(ctx, ring, sources, &census.Options{OnProgress: func(p census.Progress) { met[p.Source] = true }})
	if report == nil {
		return nil, err
	}
	for _, name := range report.Sources {
		if !met[name] {
			s.cli.log.Warn("a source has no record at all: if it should have some, look whether its disk is mounted", "source", name)
		}
	}
	return report, err
}

// closeSources lets go of what the sources hold.
func (s *site) closeSources(sources []source.Source) {
	for _, one := range sources {
		if err := one.Close(); err != nil {
			s.cli.log.Warn("close a source", "source", one, "error", err)
		}
	}
}
