package keyring

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

// vectorDir has the vectors of sections 9 and 10 of docs/format.md: what a KEK unwrapped, a message and where it belongs,
// and behind an empty line the keystore. -update writes those that are missing; existing ones never change.
const vectorDir = "../testdata/vectors/ring"

// vector is one scenario with the answer that is expected of a reader.
type vector struct {
	expect    string
	comment   string
	payloads  [][]byte // what KEKs unwrapped, for the first stanza, the second, and so on
	binding   []string
	message   []byte
	plaintext []byte
	keystore  []byte
}

// answers are what a reader says, by what this package's errors say.
var answers = []struct {
	answer string
	err    error
}{
	{"not the root", errPayload},
	{"not the root", errCommitment},
	{"unusable key", ErrKeyUnusable},
	{"destroyed key", ErrKeyDestroyed},
	{"unknown key", ErrUnknownKey},
	{"not a message", ErrFormat},
	{"not authentic", ErrOpen},
}

func answerOf(err error) string {
	for _, a := range answers {
		if errors.Is(err, a.err) {
			return a.answer
		}
	}
	if err != nil {
		return err.Error()
	}
	return "opens"
}

// open does what a reader does with a vector.
func (v *vector) open() ([]byte, error) {
	c, err := keystore.Parse(v.keystore)
	if err != nil {
		return nil, err
	}
	r, err := v.root(c)
	if err != nil {
		return nil, err
	}
	return newState(c, keystore.DigestOf(v.keystore), r, nil).open(nil, v.message, Bind(v.binding[0], v.binding[1:]...))
}

// root returns the root of c by the first payload or the first shares that give it.
func (v *vector) root(c *keystore.Contents) (*root, error) {
	pools := make(map[string]*pool)
	for _, g := range c.Groups {
		pools[g.Name] = &pool{contents: c, threshold: g.Threshold}
	}
	failure := errCommitment
	for i, payload := range v.payloads {
		s := &c.Stanzas[i]
		values, err := payloadOf(c, s).parse(payload)
		var r *root
		if err == nil && s.Share == 0 {
			r, err = openRoot(values, c)
		} else if err == nil {
			r, _ = pools[s.Group].add(context.Background(), share{s.Share, values})
		}
		if r != nil {
			return r, nil
		}
		if err != nil {
			failure = err
		}
	}
	return nil, failure
}

func TestVectors(t *testing.T) {
	if *update {
		makeVectors(t)
	}
	for name, v := range readVectors(t) {
		t.Run(name, func(t *testing.T) {
			got, err := v.open()
			if answer := answerOf(err); answer != v.expect {
				t.Errorf("%s: answer %q (%v), want %q", v.comment, answer, err, v.expect)
			}
			if !bytes.Equal(got, v.plaintext) {
				t.Errorf("plaintext %q, want %q", got, v.plaintext)
			}
		})
	}
}

// TestVectorsAreNamed holds that each rule of the document has vectors, and that none is left over.
func TestVectorsAreNamed(t *testing.T) {
	text, err := os.ReadFile("../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	rules := regexp.MustCompile(`(?s)\*\*R\d+\.\*\*.*?\nVectors: (.*?)\.\n`).FindAllSubmatch(text, -1)
	marks := regexp.MustCompile(`\*\*R\d+\.\*\*`).FindAll(text, -1)
	if len(rules) == 0 || len(rules) != len(marks) {
		t.Fatalf("%d rules, %d of them with vectors", len(marks), len(rules))
	}
	var patterns []string
	for _, r := range rules {
		for _, p := range regexp.MustCompile("`([^`]+)`").FindAllSubmatch(r[1], -1) {
			patterns = append(patterns, string(p[1]))
		}
	}
	used := make(map[string]bool)
	for name := range readVectors(t) {
		named := false
		for _, p := range patterns {
			if ok, _ := path.Match(p, name); ok {
				named, used[p] = true, true
			}
		}
		if !named {
			t.Errorf("the document does not name the vector %s", name)
		}
	}
	for _, p := range patterns {
		if !used[p] {
			t.Errorf("the document names %s, which no vector is called", p)
		}
	}
}

func readVectors(t *testing.T) map[string]*vector {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(vectorDir, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	vectors := make(map[string]*vector)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v, err := parseVector(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		vectors[strings.TrimSuffix(filepath.Base(file), ".txt")] = v
	}
	return vectors
}

func parseVector(text []byte) (*vector, error) {
	head, body, ok := bytes.Cut(text, []byte("\n\n"))
	if !ok {
		return nil, errors.New("no empty line")
	}
	v := &vector{keystore: body}
	lines := bufio.NewScanner(bytes.NewReader(head))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		var err error
		switch name {
		case "expect":
			v.expect = value
		case "comment":
			v.comment = value
		case "payload":
			var payload []byte
			payload, err = hex.DecodeString(value)
			v.payloads = append(v.payloads, payload)
		case "field":
			v.binding = append(v.binding, value)
		case "message":
			v.message, err = base64.StdEncoding.DecodeString(value)
		case "plaintext":
			v.plaintext, err = base64.StdEncoding.DecodeString(value)
		default:
			err = errors.New("unknown line")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return v, lines.Err()
}

func (v *vector) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "expect: %s\ncomment: %s\n", v.expect, v.comment)
	for _, p := range v.payloads {
		fmt.Fprintf(&b, "payload: %x\n", p)
	}
	for _, f := range v.binding {
		fmt.Fprintf(&b, "field: %s\n", f)
	}
	fmt.Fprintf(&b, "message: %s\n", base64.StdEncoding.EncodeToString(v.message))
	if v.plaintext != nil {
		fmt.Fprintf(&b, "plaintext: %s\n", base64.StdEncoding.EncodeToString(v.plaintext))
	}
	b.WriteByte('\n')
	b.Write(v.keystore)
	return b.Bytes()
}
