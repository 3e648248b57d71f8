package customwrapper

import (
	"os"
	"strings"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

func TestConformance(t *testing.T) {
	s := newService(t)
	with := func(key string) func(*testing.T) wrapping.Wrapper {
		return func(*testing.T) wrapping.Wrapper {
			return New(s.server.URL, key, s.given)
		}
	}
	wrappertest.Run(t, wrappertest.Harness{
		New:      with("app"),
		WrongKey: with("other"),
		Engine:   s.engine(),
		Secrets:  []string{token},
		Says:     map[string][]string{"denied": {"403 Forbidden", "have the token granted wrap and unwrap on the key app"}},
	})
}

func TestConfigure(t *testing.T) {
	s := newService(t)
	block := []wrappers.Setting{
		{Name: "address", Value: s.server.URL, File: "keyring.hcl", Line: 2},
		{Name: "key", Value: "app", File: "keyring.hcl", Line: 3},
		{Name: "token", Value: token, File: "keyring.hcl", Line: 4},
	}
	w, err := Configure(t.Context(), wrappers.NewSettings("house", block))
	if err != nil {
		t.Fatal(err)
	}
	kek, err := wrappers.New(w, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer kek.Close()
	if _, err := kek.Wrap(t.Context(), []byte("the root"), nil); err != nil {
		t.Error(err)
	}

	block[1].Name, block[2].Name = "kye", "tokn"
	want := "keyring.hcl:2: keyring house: key is missing\n" +
		"keyring.hcl:2: keyring house: token is missing\n" +
		"keyring.hcl:3: keyring house: kye: unknown setting; it could be address, key, token\n" +
		"keyring.hcl:4: keyring house: tokn: unknown setting; it could be address, key, token"
	if _, err := Configure(t.Context(), wrappers.NewSettings("house", block)); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestErrorsNameTheNextStep(t *testing.T) {
	s := newService(t)
	for key, c := range map[string]struct {
		token, want string
		class       wrappers.Class
	}{
		"app":   {"other token", "wrappers: wrap with house (key app): the key service answered 403 Forbidden; have the token granted wrap and unwrap on the key app", wrappers.Ask},
		"apple": {token, "wrappers: wrap with house (key apple): the key service answered 404 Not Found", wrappers.Ask},
	} {
		kek, err := wrappers.New(New(s.server.URL, key, func() ([]byte, error) { return []byte(c.token), nil }), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = kek.Wrap(t.Context(), []byte("the root"), nil)
		if err == nil || err.Error() != c.want || wrappers.ClassOf(err) != c.class {
			t.Errorf("got  (%v) %v\nwant (%v) %s", wrappers.ClassOf(err), err, c.class, c.want)
		}
		if err := kek.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestGuideShowsThisCode keeps docs/writing-a-provider.md true: each of its Go blocks stands in this folder as it is.
func TestGuideShowsThisCode(t *testing.T) {
	guide, err := os.ReadFile("../../docs/writing-a-provider.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, name := range []string{"customwrapper.go", "customwrapper_test.go", "engine_test.go", "example_test.go"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(b)
	}
	blocks := strings.Split(string(guide), "```go\n")[1:]
	if len(blocks) < 5 {
		t.Errorf("the guide has %d Go blocks, which is too few to be the guide", len(blocks))
	}
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		if !strings.Contains(code.String(), block) {
			t.Errorf("the guide shows code that is not here:\n%s", block)
		}
	}
}
