package archtest

import (
	"slices"
	"strings"
	"testing"
)

// What some programs must never link: whoever takes one provider does not get the others' libraries.
var (
	amazon   = []string{"github.com/aws"}
	google   = []string{"cloud.google.com", "google.golang.org/api", "google.golang.org/grpc"}
	azure    = []string{"github.com/Azure", "github.com/AzureAD"}
	clouds   = slices.Concat(amazon, google, azure)
	vault    = []string{"github.com/hashicorp/vault", "github.com/hashicorp/go-kms-wrapping/wrappers"}
	command  = []string{"github.com/spf13", "github.com/hashicorp/hcl/v2", "github.com/zclconf"} // Vault's client needs HCL 1
	argon    = []string{"golang.org/x/crypto/argon2"}
	terminal = []string{"golang.org/x/term"}
	jose     = []string{"github.com/go-jose"} // to verify tokens, not to sign them
)

func TestProgramsLinkWhatTheyUse(t *testing.T) {
	g := list(t, linux)
	programs := []struct {
		imports []string
		never   [][]string
	}{
		{[]string{"aead"}, [][]string{clouds, vault, command, argon, terminal}},
		{[]string{"keystore"}, [][]string{clouds, vault, command, argon, terminal, {"github.com/hashicorp"}}},
		{[]string{"keyring"}, [][]string{clouds, vault, command, argon, terminal, jose, g.otherProviders("")}},
		{[]string{"keyring/discovery"}, [][]string{clouds, vault, command, argon, terminal, jose, g.otherProviders("")}},
		{[]string{"keyring/token"}, [][]string{clouds, vault, command, argon, terminal, g.otherProviders("")}},
		{[]string{"keyring", "wrappers/local"}, [][]string{clouds, vault, command, argon, terminal, g.otherProviders("local")}},
		{[]string{"keyring", "wrappers/hpke"}, [][]string{clouds, vault, command, argon, terminal, g.otherProviders("hpke")}},
		{[]string{"keyring", "wrappers/passphrase"}, [][]string{clouds, vault, command, g.otherProviders("passphrase")}},
		{[]string{"keyring", "wrappers/awskms"}, [][]string{google, azure, {"github.com/hashicorp/vault"}, command, argon, terminal, g.otherProviders("awskms")}},
		{[]string{"keyring", "wrappers/azurekeyvault"}, [][]string{amazon, google, {"github.com/hashicorp/vault"}, command, argon, terminal, g.otherProviders("azurekeyvault")}},
		{[]string{"keyring", "wrappers/gcpckms"}, [][]string{amazon, azure, {"github.com/hashicorp/vault"}, command, argon, terminal, g.otherProviders("gcpckms")}},
		{[]string{"keyring", "wrappers/transit"}, [][]string{clouds, command, argon, terminal, g.otherProviders("transit")}},
	}
	for _, program := range programs {
		t.Run(strings.Join(program.imports, "+"), func(t *testing.T) {
			var paths []string
			for _, name := range program.imports {
				if g[module+"/"+name] == nil {
					t.Fatalf("there is no package %s", name)
				}
				paths = append(paths, module+"/"+name)
			}
			for linked := range g.links(paths...) {
				if slices.ContainsFunc(slices.Concat(program.never...), func(never string) bool { return under(linked, never) }) {
					t.Errorf("links %s", linked)
				}
			}
		})
	}
}

// otherProviders returns all providers of ours but one.
func (g graph) otherProviders(but string) []string {
	var paths []string
	for path := range g {
		if name := short(path); isProvider(name) && name != "wrappers/"+but {
			paths = append(paths, path)
		}
	}
	return paths
}
