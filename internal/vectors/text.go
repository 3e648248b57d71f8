package vectors

import (
	"bytes"
	"crypto/sha3"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// An object is a JSON object as a text in parts, so that a part can be made wrong.
type object []field

type field struct{ name, value string }

func (o object) String() string {
	var parts []string
	for _, f := range o {
		parts = append(parts, `"`+f.name+`":`+f.value)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (o object) index(name string) int {
	i := slices.IndexFunc(o, func(f field) bool { return f.name == name })
	if i < 0 {
		panic("vectors: no field " + name)
	}
	return i
}

func (o object) get(name string) string { return o[o.index(name)].value }

// with returns o with another value for one field.
func (o object) with(name, value string) object {
	o = slices.Clone(o)
	o[o.index(name)].value = value
	return o
}

func (o object) without(name string) object {
	return slices.Delete(slices.Clone(o), o.index(name), o.index(name)+1)
}

func list[T fmt.Stringer](elements ...T) string {
	var parts []string
	for _, e := range elements {
		parts = append(parts, e.String())
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func quote(s string) string { return `"` + s + `"` }

// raw is JSON that stands as it is.
type raw string

func (r raw) String() string { return string(r) }

// binary returns n bytes that depend on the label alone, as they stand in a file.
func binary(label string, n int) string { return base64Of(derive(label, n)) }

func base64Of(b []byte) string { return quote(base64.StdEncoding.EncodeToString(b)) }

// derive returns n bytes that depend on the label alone.
func derive(label string, n int) []byte { return sha3.SumSHAKE256([]byte("sealwax test "+label), n) }

// uuid returns a UUIDv7 with a number.
func uuid(n int) string { return quote(fmt.Sprintf("0193d5e0-0000-7000-8000-%012x", n)) }

// generation returns the digest of an earlier generation, as it stands in a history.
func generation(n int) raw { return raw(base64Of(generationDigest(n))) }

func generationDigest(n int) []byte { return derive(fmt.Sprint("generation ", n), 32) }

// generations lists the digests of the generations before one, newest first, down to another.
func generations(before, last int) string {
	var digests []raw
	for n := before - 1; n >= last; n-- {
		digests = append(digests, generation(n))
	}
	return list(digests...)
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

func replaceOnce(file []byte, old, with string) []byte {
	if bytes.Count(file, []byte(old)) != 1 {
		panic("vectors: not exactly once: " + old)
	}
	return bytes.Replace(file, []byte(old), []byte(with), 1)
}
