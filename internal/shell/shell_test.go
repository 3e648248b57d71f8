//go:build linux || darwin

package shell

import (
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPath(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"/srv/app/keystore.jsonl.tmp-A", "/srv/app/keystore.jsonl.tmp-A"},
		{"user@host:a,b=c+d%_", "user@host:a,b=c+d%_"},
		{"/srv/my app/ks", "'/srv/my app/ks'"},
		{"it's", `'it'\''s'`},
		{"$(reboot)", "'$(reboot)'"},
		{"~/ks", "'~/ks'"},
		{"a;b", "'a;b'"},
		{"größe", "'größe'"},
		{"", "''"},
		{"-rf", "./-rf"},
		{"-r f", "'./-r f'"},
	} {
		if got := Path(c.path); got != c.want {
			t.Errorf("Path(%q) = %s, want %s", c.path, got, c.want)
		}
	}
}

// What a shell makes of the word is the path again, or a path of the same file that no command takes for an option.
func TestShellReadsThePath(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.StringMatching(`-?[^\x00]{0,20}`).Draw(t, "path")
		want := path
		if strings.HasPrefix(path, "-") {
			want = "./" + path
		}
		got, err := exec.Command(sh, "-c", "printf %s "+Path(path)).Output()
		if err != nil || string(got) != want {
			t.Errorf("a shell reads %s as %q, %v, want %q", Path(path), got, err, want)
		}
	})
}
