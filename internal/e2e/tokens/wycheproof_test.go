package tokens

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/c2sp/wycheproof"

	"github.com/sealwax/sealwax/internal/jws"
	"github.com/sealwax/sealwax/keyring/token"
)

// TestWycheproof runs all of Wycheproof's cases of JSON Web Signatures through what verifies our tokens, with the keys
// read as those of an issuer are. Those of our algorithms must give the result that is expected, to the letter: there
// is none that we take or refuse for reasons of our own. Those of other algorithms must be refused, the valid ones too,
// and so must what is signed with a key that is for something else.
func TestWycheproof(t *testing.T) {
	var file struct {
		NumberOfTests int
		TestGroups    []group
	}
	text, err := fs.ReadFile(wycheproof.TestVectors, "json_web_signature_test.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	passed := map[string]int{} // by what was expected and why
	for i, g := range file.TestGroups {
		find := g.keys(t)
		for _, c := range g.Tests {
			payload, err := jws.Verify(c.JWS, find)
			want := c.Result == "valid" && g.isOurs()
			if (err == nil) != want {
				t.Errorf("case %d of group %d, %s, %s: %q, %v", c.TcID, i, g.Comment, c.Comment, payload, err)
				continue
			}
			passed[g.what(c.Result)]++
		}
	}
	want := map[string]int{"ours, valid": 10, "ours, invalid": 262, "no key to verify with, refused": 4, "another algorithm, refused": 125}
	total := 0
	for what, n := range want {
		t.Logf("%3d of %3d passed: %s", passed[what], n, what)
		if total += n; passed[what] != n {
			t.Errorf("%d cases are %s, want %d", passed[what], what, n)
		}
	}
	if total != file.NumberOfTests || total != 401 {
		t.Errorf("%d cases, and the file has %d", total, file.NumberOfTests)
	}
}

// group are cases for one key.
type group struct {
	Comment string
	Public  json.RawMessage // none for a secret
	Private struct{ Alg string }
	Tests   []struct {
		TcID    int
		Comment string
		JWS     string
		Result  string // "valid" or "invalid"
	}
}

func (g *group) isOurs() bool { return slices.Contains(algorithms, g.Private.Alg) }

func (g *group) what(result string) string {
	switch {
	case g.isOurs():
		return "ours, " + result
	case g.Private.Alg == "":
		return "no key to verify with, refused"
	}
	return "another algorithm, refused"
}

// keys returns how the group's key is found, as a verifier that has it in a JWKS does.
func (g *group) keys(t *testing.T) func(kid string) (jws.Key, error) {
	t.Helper()
	document := []byte(`{"keys":[]}`)
	if g.Public != nil {
		document = fmt.Appendf(nil, `{"keys":[%s]}`, g.Public)
	}
	set, err := token.ParseJWKS(document)
	if err != nil {
		t.Fatalf("%s: %v", g.Comment, err)
	}
	return func(kid string) (jws.Key, error) {
		k, ok := set.VerificationKey(kid)
		if !ok {
			return jws.Key{}, token.ErrUnknownKey
		}
		return jws.Key{Algorithm: k.Algorithm, Public: k.Public}, k.Err
	}
}
