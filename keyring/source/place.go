package source

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A place is the path of a file in a tree: NAMESPACE/PATH, with slashes.
type place string

// namespace returns the first folder, and the path in it.
func (p place) namespace() (namespace, path string) {
	namespace, path, _ = strings.Cut(string(p), "/")
	return namespace, path
}

// in returns the place of a name in the folder p, "" for the root.
func (p place) in(name string) place {
	if p == "" {
		return place(name)
	}
	return p + "/" + place(name)
}

// split returns the folder and the name in it.
func (p place) split() (folder place, name string) {
	i := strings.LastIndexByte(string(p), '/')
	if i < 0 {
		return "", string(p)
	}
	return p[:i], string(p[i+1:])
}

// maxWhere is how many bytes of a place people are shown. A line's path may be as long as the line, and reports keep the
// places of thousands of lines.
const maxWhere = 1000

// where is the place for people: a terminal shall not obey a file's name.
func (p place) where() string {
	text, more := string(p), ""
	if len(text) > maxWhere {
		text, more = strings.Clone(text[:maxWhere]), "…"
	}
	for _, r := range text {
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			return strconv.Quote(text) + more
		}
	}
	return text + more
}

// cursor returns the place as text, in which bytes that are not UTF-8, and the percent sign, are %XX: a cursor is kept in
// files of JSON.
func (p place) cursor() string {
	if utf8.ValidString(string(p)) && !strings.Contains(string(p), "%") {
		return string(p)
	}
	var b strings.Builder
	for rest := string(p); rest != ""; {
		r, n := utf8.DecodeRuneInString(rest)
		if r == utf8.RuneError && n == 1 || r == '%' {
			fmt.Fprintf(&b, "%%%02X", rest[0])
		} else {
			b.WriteString(rest[:n])
		}
		rest = rest[n:]
	}
	return b.String()
}

func parseCursor(cursor string) (place, error) {
	if !strings.Contains(cursor, "%") {
		return place(cursor), nil
	}
	var b strings.Builder
	for rest := cursor; rest != ""; {
		if rest[0] != '%' {
			b.WriteByte(rest[0])
			rest = rest[1:]
			continue
		}
		if len(rest) < 3 {
			return "", fmt.Errorf("cursor %q: it is not of this source", cursor)
		}
		c, err := strconv.ParseUint(rest[1:3], 16, 8)
		if err != nil {
			return "", fmt.Errorf("cursor %q: it is not of this source", cursor)
		}
		b.WriteByte(byte(c))
		rest = rest[3:]
	}
	return place(b.String()), nil
}
