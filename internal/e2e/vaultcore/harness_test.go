package vaultcore_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/vault/api"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/internal/e2e/vaultcore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/transit"
)

var (
	root, aad = kektest.Root, kektest.AAD
	wrap      = kektest.Wrap
	wantOpen  = kektest.WantOpen
	wantError = kektest.WantError
	waitFor   = kektest.WaitFor
)

// site is a Vault as the package doc of wrappers/transit has operators set it up: the key "sealwax", the policy "sealwax", and a
// token of that policy in a file.
type site struct {
	*vaultcore.Server
	token string
	file  string
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{Server: vaultcore.Start(t), file: filepath.Join(t.TempDir(), "token")}
	s.Write(t, "transit/keys/sealwax", nil)
	s.Policy(t, "sealwax", documented(t, "vault policy write sealwax -"))
	s.reload(t)
	return s
}

// reload puts a token like the documented one into the file, as an agent does.
func (s *site) reload(t testing.TB) {
	t.Helper()
	s.use(t, s.Token(t, "sealwax", map[string]any{"period": "72h"}))
}

// use puts a token into the file.
func (s *site) use(t testing.TB, token string) {
	t.Helper()
	s.token = token
	kektest.WriteFile(t, s.file, token+"\n")
}

// documented returns the text that the package doc of wrappers/transit gives to a command by <<'EOF'.
func documented(t testing.TB, command string) string {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), "../../../wrappers/transit/transit.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(source.Doc.Text(), "$ "+command+" <<'EOF'\n")
	text, _, ended := strings.Cut(text, "EOF\n")
	if !found || !ended {
		t.Fatalf("the package doc of wrappers/transit does not show %q", command)
	}
	return text
}

func (s *site) config() transit.Config {
	return transit.Config{
		Address:        s.URL,
		MountPath:      "transit/",
		KeyName:        "sealwax",
		Token:          func() ([]byte, error) { return os.ReadFile(s.file) },
		TLSCACert:      s.Authority,
		DisableRenewal: true,
	}
}

// kek returns a KEK for the site that does not retry.
func (s *site) kek(t testing.TB) *wrappers.KEK { return newKEK(t, s.config()) }

func newWrapper(t testing.TB, c transit.Config) *transit.Wrapper {
	t.Helper()
	return kektest.Make(t, transit.New, c)
}

// newKEK returns a KEK that does not retry.
func newKEK(t testing.TB, c transit.Config) *wrappers.KEK {
	t.Helper()
	return kektest.New(t, newWrapper(t, c))
}

// client returns Vault's own client with the site's token.
func (s *site) client(t testing.TB) *api.Client {
	t.Helper()
	config := api.DefaultConfig()
	config.Address = s.URL
	if err := config.ConfigureTLS(&api.TLSConfig{CACert: s.Authority}); err != nil {
		t.Fatal(err)
	}
	client, err := api.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	client.SetToken(s.token)
	return client
}

func write(client *api.Client, path string, data map[string]any) func() error {
	return func() error {
		_, err := client.Logical().Write(path, data)
		return err
	}
}

// keys returns the names of the keys at transit/.
func (s *site) keys(t testing.TB) []string {
	t.Helper()
	names, _ := s.List(t, "transit/keys").Data["keys"].([]string)
	return names
}
