package wrappers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretSources(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("hvs.from-a-file\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	t.Setenv("OUR_TOKEN", "hvs.from-env")
	for _, c := range []struct{ value, want, text string }{
		{"hvs.inline", "hvs.inline", "[redacted]"},
		{"file://" + path, "hvs.from-a-file", "file://" + path},
		{"env://OUR_TOKEN", "hvs.from-env", "env://OUR_TOKEN"},
	} {
		s := at(Setting{Name: "token", Value: c.value})
		src := s.Secret("token")
		if err := s.Err(); err != nil || src.IsZero() {
			t.Errorf("%s: %v, zero %v", c.value, err, src.IsZero())
		}
		for range 2 { // also after its owner has cleared the first
			got, err := src.Resolve()
			if err != nil || string(got.Expose()) != c.want {
				t.Errorf("%s: got %q, %v", c.value, got.Expose(), err)
			}
			got.Clear()
			if b, err := src.Func()(); err != nil || string(b) != c.want {
				t.Errorf("%s: Func got %q, %v", c.value, b, err)
			} else {
				clear(b)
			}
		}
		if src.String() != c.text {
			t.Errorf("prints as %s, want %s", src, c.text)
		}
		if printed := fmt.Sprintf("%v %+v %#v %s", src, src, src, []SecretSource{src}); strings.Contains(printed, c.want) {
			t.Errorf("%s: printing shows the secret: %s", c.value, printed)
		}
	}
}

func TestSecretIsReadAnewEachTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	src := at(Setting{Name: "token", Value: "file://" + path}).Secret("token")
	for _, want := range []string{"first", "second"} {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := src.Resolve(); err != nil || string(got.Expose()) != want {
			t.Errorf("got %q, %v, want %s", got.Expose(), err, want)
		}
	}
}

func TestSecretThatIsNotThere(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "token")
	t.Setenv("EMPTY_TOKEN", "")
	for value, want := range map[string]string{
		"file://" + missing: "/etc/keyring.hcl:3: keyring transit.eu: token: stat " + missing + ": no such file or directory",
		"env://EMPTY_TOKEN": "/etc/keyring.hcl:3: keyring transit.eu: token: the environment variable EMPTY_TOKEN is empty or not set",
	} {
		src := at(Setting{Name: "token", Value: value}).Secret("token")
		if _, err := src.Resolve(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if b, err := src.Func()(); err == nil || err.Error() != want || b != nil {
			t.Errorf("Func: got %q, %v, want %s", b, err, want)
		}
	}
	src := at().Secret("token")
	if _, err := src.Resolve(); err == nil || !src.IsZero() || src.String() != "not given" || src.Func() != nil {
		t.Errorf("a setting that was not given: %v, %v, %v", err, src.IsZero(), src)
	}
}
