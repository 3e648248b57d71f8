package state

import (
	"errors"
	"testing"
)

func TestDir(t *testing.T) {
	cases := []struct {
		name, goos, configured string
		env                    map[string]string
		want                   string
	}{
		{"configured", "linux", "/srv/seen", map[string]string{"STATE_DIRECTORY": "/a", "HOME": "/h"}, "/srv/seen"},
		{"systemd", "linux", "", map[string]string{"STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "XDG_STATE_HOME": "/x"}, "/var/lib/a"},
		{"XDG", "linux", "", map[string]string{"XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/sealwax"},
		{"XDG, relative", "linux", "", map[string]string{"XDG_STATE_HOME": "x", "HOME": "/h"}, "/h/.local/state/sealwax"},
		{"home", "freebsd", "", map[string]string{"HOME": "/h"}, "/h/.local/state/sealwax"},
		{"macOS", "darwin", "", map[string]string{"HOME": "/h"}, "/h/Library/Application Support/sealwax"},
		{"Windows", "windows", "", map[string]string{"LocalAppData": "/l", "STATE_DIRECTORY": "C:/x", "HOME": "/h"}, "/l/sealwax"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := dir(c.goos, c.configured, func(name string) string { return c.env[name] })
			if got != c.want || err != nil {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
	if _, err := Dir("", func(string) string { return "" }); !errors.Is(err, ErrNoDir) {
		t.Errorf("without anything set: got %v, want ErrNoDir", err)
	}
}
