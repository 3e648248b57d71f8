package config

import (
	"cmp"
	"sort"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/sealwax/sealwax/wrappers"
)

// A block is one block of either kind of file, with nothing but literal values in it.
type block struct {
	kind   string // cluster, keystore, keyring, …
	labels []string
	file   string
	line   int
	attrs  []wrappers.Setting // in the order of the file; a nil Value is one that was reported already
}

// A document is what a parser could make of one file.
type document struct {
	file   string
	blocks []block
	broken bool // the parser gave up on something, so what seems to be missing may be there
}

// parseHCL reads HCL 2.
func parseHCL(file string, src []byte, p *problems) document {
	f, diags := hclsyntax.ParseConfig(src, file, hcl.InitialPos)
	p.diagnostics(file, diags)
	doc := document{file: file, broken: diags.HasErrors()}
	if f == nil {
		return doc
	}
	body := f.Body.(*hclsyntax.Body) // what ParseConfig promises
	for _, a := range inOrder(body.Attributes) {
		p.at(file, a.NameRange.Start.Line, "unknown attribute %q outside of a block", a.Name)
	}
	for _, b := range body.Blocks {
		doc.blocks = append(doc.blocks, literalBlock(file, b, p))
	}
	return doc
}

// literalBlock takes the values out of b. No block of ours has blocks inside.
func literalBlock(file string, b *hclsyntax.Block, p *problems) block {
	out := block{kind: b.Type, labels: b.Labels, file: file, line: b.TypeRange.Start.Line}
	for _, inner := range b.Body.Blocks {
		p.at(file, inner.TypeRange.Start.Line, "unknown block %q inside of %s", inner.Type, out.title())
	}
	for _, a := range inOrder(b.Body.Attributes) {
		line := a.NameRange.Start.Line
		value, fault := literal(a.Expr)
		if fault != "" {
			p.at(file, line, "%s: %s %s", out.title(), a.Name, fault)
		}
		out.attrs = append(out.attrs, wrappers.Setting{Name: a.Name, Value: value, File: file, Line: line})
	}
	return out
}

// notPlain is what is wrong with most of what HCL can say.
const notPlain = "must be a plain string, whole number, true or false"

// literal returns the string, bool, int64 or []string that e spells out, or what is wrong with it. Nothing is evaluated:
// the same text always means the same.
func literal(e hclsyntax.Expression) (value any, fault string) {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return plain(e.Val)
	case *hclsyntax.TemplateExpr:
		text := ""
		for _, part := range e.Parts {
			l, ok := part.(*hclsyntax.LiteralValueExpr)
			if !ok || l.Val.Type() != cty.String {
				return nil, "has ${…} in it: nothing is evaluated here; write $${ for the two characters"
			}
			text += l.Val.AsString()
		}
		return text, ""
	case *hclsyntax.TupleConsExpr:
		return literals(e.Exprs)
	}
	return nil, notPlain
}

// literals returns the strings in a list, or what is wrong with it.
func literals(exprs []hclsyntax.Expression) (value any, fault string) {
	list := []string{}
	for _, e := range exprs {
		item, fault := literal(e)
		text, ok := item.(string)
		if !ok {
			return nil, cmp.Or(fault, "must have nothing but strings in its list")
		}
		list = append(list, text)
	}
	return list, ""
}

// plain returns the string, bool or int64 in v, or what is wrong with it.
func plain(v cty.Value) (value any, fault string) {
	switch {
	case v.IsNull():
		return nil, "is null: leave it out instead"
	case v.Type() == cty.Bool:
		return v.True(), ""
	case v.Type() == cty.Number:
		if n, accuracy := v.AsBigFloat().Int64(); accuracy == 0 {
			return n, ""
		}
	}
	return nil, notPlain
}

// inOrder returns attributes in the order of the file.
func inOrder(attrs hclsyntax.Attributes) []*hclsyntax.Attribute {
	var list []*hclsyntax.Attribute
	for _, a := range attrs {
		list = append(list, a)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].SrcRange.Start.Byte < list[j].SrcRange.Start.Byte })
	return list
}
