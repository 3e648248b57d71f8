package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/hcl/ast"
	hcl1 "github.com/hashicorp/hcl/hcl/parser"
	"github.com/hashicorp/hcl/hcl/token"
	json1 "github.com/hashicorp/hcl/json/parser"

	"github.com/sealwax/sealwax/wrappers"
)

// maxNesting bounds the depth of a Nomad agent config: HCL 1's parser copies its error text once for each level.
const maxNesting = 100

// parseNomad reads HCL 1, or JSON if the first character is an opening brace, as Nomad does.
func parseNomad(file string, src []byte, p *problems) (document, region) {
	root, err := parseHCL1(src)
	if err != nil {
		reportHCL1(file, err, p)
		return document{file: file, broken: true}, region{file: file, unread: true}
	}
	doc, where := document{file: file}, region{}
	for _, item := range root.Items {
		switch keys := keyNames(item); {
		case len(keys) == 0:
		case keys[0] == "region":
			where = nomadRegion(file, item, p)
		case keys[0] == "keyring":
			doc.blocks = append(doc.blocks, keyringBlocks(file, item.Val, keys[1:], lineOf(item), p)...)
		}
	}
	return doc, where
}

func parseHCL1(src []byte) (list *ast.ObjectList, err error) {
	defer func() {
		if cause := recover(); cause != nil { // its JSON scanner panics on an escape at the end of the file
			err = fmt.Errorf("%v", cause)
		}
	}()
	if nesting(src) > maxNesting {
		return nil, fmt.Errorf("nested deeper than %d levels", maxNesting)
	}
	// The parser that HCL 1 picks by itself refuses second attributes anywhere, also where Nomad takes them.
	parse := hcl1.ParseDontErrorOnDuplicateKeys
	if bytes.HasPrefix(bytes.TrimSpace(src), []byte("{")) {
		parse = json1.Parse
	}
	f, err := parse(src)
	if err != nil {
		return nil, err
	}
	root, ok := f.Node.(*ast.ObjectList)
	if !ok {
		return nil, errors.New("not a list of blocks and attributes")
	}
	return root, nil
}

// nesting returns how deep the brackets in src go. It also counts those in strings: nobody has 100 of them there.
func nesting(src []byte) int {
	depth, deepest := 0, 0
	for _, c := range src {
		switch c {
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}

func reportHCL1(file string, err error, p *problems) {
	line := 0
	if at := (*hcl1.PosError)(nil); errors.As(err, &at) {
		line, err = at.Pos.Line, at.Err
	}
	p.at(file, line, "not a Nomad agent config: %v", err)
}

func nomadRegion(file string, item *ast.ObjectItem, p *problems) region {
	where := region{file: file, line: lineOf(item)}
	value, fault := literal1(item.Val)
	name, ok := value.(string)
	switch {
	case fault != "":
		p.at(file, where.line, "region %s", fault)
	case !ok:
		p.at(file, where.line, "region must be a string in quotes")
	case name != "" && checkLabel(name) != nil:
		p.at(file, where.line, "region %v", checkLabel(name))
	default:
		where.name = name
		return where
	}
	where.unread = true
	return where
}

// keyringBlocks takes the blocks out of what stands under keyring. In HCL that is one block with the provider as its
// label; JSON has objects of providers, lists of blocks for one provider, and lists of either.
func keyringBlocks(file string, n ast.Node, labels []string, line int, p *problems) []block {
	var found []block
	switch n := n.(type) {
	case *ast.ListType:
		for _, element := range n.List {
			found = append(found, keyringBlocks(file, element, labels, line, p)...)
		}
	case *ast.ObjectType:
		if len(labels) > 0 {
			b := block{kind: "keyring", labels: labels, file: file, line: line}
			b.attrs = literalItems(b, n.List.Items, p)
			return []block{b}
		}
		for _, item := range n.List.Items {
			found = append(found, keyringBlocks(file, item.Val, keyNames(item), lineOf(item), p)...)
		}
	default:
		p.at(file, line, `keyring must be a block, as in keyring "aead" { … }`)
	}
	return found
}

// literalItems takes the values out of b.
func literalItems(b block, items []*ast.ObjectItem, p *problems) []wrappers.Setting {
	var attrs []wrappers.Setting
	seen := make(map[string]int)
	for _, item := range items {
		name, line := strings.Join(keyNames(item), " "), lineOf(item)
		if first := seen[name]; first > 0 {
			p.at(b.file, line, "%s: a second %s; the first is at %s", b.title(), name, position(b.file, first))
			continue
		}
		seen[name] = line
		value, fault := literal1(item.Val)
		if fault != "" {
			p.at(b.file, line, "%s: %s %s", b.title(), name, fault)
		}
		attrs = append(attrs, wrappers.Setting{Name: name, Value: value, File: b.file, Line: line})
	}
	return attrs
}

// literal1 returns the string, bool or int64 that n spells out, or what is wrong with it.
func literal1(n ast.Node) (value any, fault string) {
	l, ok := n.(*ast.LiteralType)
	if !ok {
		return nil, notPlain
	}
	switch v := tokenValue(l.Token).(type) {
	case string, bool, int64:
		return v, ""
	}
	return nil, notPlain
}

// tokenValue returns the value of t, nil if it has none: Value panics on strings with bad escapes and numbers that are
// too large, which the scanner lets pass.
func tokenValue(t token.Token) (value any) {
	defer func() {
		if recover() != nil {
			value = nil
		}
	}()
	return t.Value()
}

// keyNames returns the keys of item: the name of an attribute, or a block's kind and labels.
func keyNames(item *ast.ObjectItem) []string {
	var names []string
	for _, k := range item.Keys {
		name, _ := tokenValue(k.Token).(string)
		if len(names) == 0 {
			name = nomadName(name)
		}
		names = append(names, name)
	}
	return names
}

// lineOf returns the line of item. From JSON only that of a colon is known, for what was flattened that of the outer one.
func lineOf(item *ast.ObjectItem) int {
	if line := item.Pos().Line; line > 0 {
		return line
	}
	return item.Assign.Line
}
