package config

import (
	"os"
	"strings"
	"testing"
)

const otherPin = "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// TestSetIdentity compares whole files: all but the one value stays.
func TestSetIdentity(t *testing.T) {
	const head = "# ours\ncluster { id = \"a\" }\n"
	cases := []struct{ name, before, after string }{
		{"replaced", strings.Replace(devConfig, testPinText, otherPin, 1), devConfig},
		{"unchanged", devConfig, devConfig},
		{"added, in the layout of the block",
			head + "keystore {\n  path = \"k\" # here\n}\n",
			head + "keystore {\n  path     = \"k\" # here\n  identity = \"" + testPinText + "\"\n}\n"},
		{"added, in a layout of one's own",
			head + "keystore {\n\tpath=\"k\"\n\t}  // end\n\n\n# last\n",
			head + "keystore {\n\tpath=\"k\"\n\t  identity = \"" + testPinText + "\"\n\t}  // end\n\n\n# last\n"},
		{"one line",
			head + "keystore { path = \"k\" }\n",
			head + "keystore {\n  path     = \"k\"\n  identity = \"" + testPinText + "\"\n}\n"},
		{"a comment behind the brace",
			head + "keystore { # here\n  path = \"k\"\n}",
			head + "keystore { # here\n  path     = \"k\"\n  identity = \"" + testPinText + "\"\n}"},
		{"a heredoc",
			head + "keystore {\n  path = <<E\nk\nE\n}\n",
			head + "keystore {\n  path     = <<E\nk\nE\n  identity = \"" + testPinText + "\"\n}\n"},
		{"line ends of DOS",
			"cluster {\r\n id = \"a\"\r\n}\r\nkeystore {\r\n path = \"k\"\r\n}\r\n",
			"cluster {\r\n id = \"a\"\r\n}\r\nkeystore {\r\n path = \"k\"\r\n  identity = \"" + testPinText + "\"\n}\r\n"},
		{"a value in parts",
			head + "keystore {\n  identity = <<E\n" + otherPin + "\nE\n  path = \"k\"\n}\n", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			file := write(t, "keyring.hcl", c.before)
			err := SetIdentity(file, testPin)
			got, readErr := os.ReadFile(file)
			if readErr != nil {
				t.Fatal(readErr)
			}
			if c.after == "" {
				wantError(t, err, "keyring.hcl:4: keystore: identity \""+otherPin+"\\n\" is no identity: ed25519: and 44 characters of base64")
				c.after = c.before
			} else if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.after {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.after)
			}
		})
	}
}

func TestSetIdentityKeepsTheMode(t *testing.T) {
	t.Chdir(t.TempDir())
	file := write(t, "keyring.hcl", bare)
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := SetIdentity(file, testPin); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode(); got != 0o640 {
		t.Errorf("mode: got %v, want -rw-r-----", got)
	}
}

func TestSetIdentityRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	wantError(t, SetIdentity("none.hcl", testPin), "config: open none.hcl: no such file or directory")

	text := "keystore {\n  path = 5\n}\nnonsense {}\n"
	file := write(t, "keyring.hcl", text)
	wantError(t, SetIdentity(file, testPin), `
keyring.hcl: the cluster block is missing
keyring.hcl:2: keystore: path must be a string in quotes
keyring.hcl:4: unknown block "nonsense"`)
}
