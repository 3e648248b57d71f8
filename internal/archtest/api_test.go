package archtest

import (
	"fmt"
	"go/constant"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestAPI compares the exported API of the public packages with testdata/api.txt. Every changed line there is a
// decision.
func TestAPI(t *testing.T) {
	g := list(t, nil, "-export")
	imports := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(g[path].Export)
	})
	var api []string
	for _, path := range slices.Sorted(maps.Keys(g)) {
		if !g[path].public() {
			continue
		}
		p, err := imports.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range packageAPI(p) {
			api = append(api, fmt.Sprintf("pkg %s, %s\n", short(path), line))
		}
	}
	golden(t, "api.txt", strings.Join(api, ""), "the public API has changed")
}

// packageAPI returns a sorted line for every exported thing of p.
func packageAPI(p *types.Package) []string {
	var lines []string
	for _, name := range p.Scope().Names() {
		obj := p.Scope().Lookup(name)
		if !obj.Exported() {
			continue
		}
		text := types.ObjectString(obj, spelling(p))
		switch obj := obj.(type) {
		case *types.Const:
			lines = append(lines, text+" = "+value(obj))
		case *types.TypeName:
			lines = append(lines, typeAPI(obj, spelling(p))...)
		default:
			lines = append(lines, text)
		}
	}
	slices.Sort(lines)
	return lines
}

// spelling leaves out the name of the package itself.
func spelling(p *types.Package) types.Qualifier {
	return func(other *types.Package) string {
		if other == p {
			return ""
		}
		return other.Name()
	}
}

// value returns the whole value of a constant.
func value(c *types.Const) string {
	if c.Val().Kind() == constant.String {
		return fmt.Sprintf("%q", constant.StringVal(c.Val()))
	}
	return c.Val().ExactString()
}

// typeAPI returns the lines of a type, its exported fields and its exported methods.
func typeAPI(obj *types.TypeName, q types.Qualifier) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	name := "type " + obj.Name()
	switch under := obj.Type().Underlying().(type) {
	case *types.Struct:
		add("%s struct", name)
		for f := range under.Fields() {
			if f.Exported() {
				add("%s struct, %s %s", name, f.Name(), types.TypeString(f.Type(), q))
			}
		}
	case *types.Interface:
		add("%s interface", name)
		for m := range under.Methods() {
			add("%s interface, %s%s", name, m.Name(), signature(m, q))
		}
		return lines
	default:
		add("%s %s", name, types.TypeString(under, q))
	}
	if obj.IsAlias() {
		return append(lines, fmt.Sprintf("%s = %s", name, types.TypeString(types.Unalias(obj.Type()), q)))
	}
	for m := range types.NewMethodSet(types.NewPointer(obj.Type())).Methods() {
		if f := m.Obj().(*types.Func); f.Exported() { // a method set holds nothing else
			add("method (%s) %s%s", types.TypeString(f.Signature().Recv().Type(), q), f.Name(), signature(f, q))
		}
	}
	return lines
}

// signature returns the parameters and results of f.
func signature(f *types.Func, q types.Qualifier) string {
	return strings.TrimPrefix(types.TypeString(f.Type(), q), "func")
}
