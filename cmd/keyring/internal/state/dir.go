package state

import (
	"errors"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrNoDir is returned by Dir when nothing names a folder.
var ErrNoDir = errors.New("state: no folder for what was last seen: no home directory; " +
	"set keystore.state in the config, or XDG_STATE_HOME")

// Dir returns the folder for state files: configured (keystore.state of the config) if it is not empty, else the first
// one in $STATE_DIRECTORY, which systemd sets for a service with StateDirectory=, else $XDG_STATE_HOME/sealwax, else the
// user's own, which is
//
//	Unix      ~/.local/state/sealwax
//	macOS     ~/Library/Application Support/sealwax
//	Windows   %LocalAppData%\sealwax, which does not roam
//
// It does not make the folder; the first write does.
func Dir(configured string, getenv func(string) string) (string, error) {
	return dir(runtime.GOOS, configured, getenv)
}

func dir(goos, configured string, getenv func(string) string) (string, error) {
	if configured != "" {
		return configured, nil
	}
	if first, _, _ := strings.Cut(getenv("STATE_DIRECTORY"), ":"); goos != "windows" && first != "" {
		return first, nil
	}
	if xdg := getenv("XDG_STATE_HOME"); filepath.IsAbs(xdg) { // a relative one is to be ignored, says its specification
		return filepath.Join(xdg, "sealwax"), nil
	}
	base, below := "HOME", ".local/state"
	switch goos {
	case "darwin":
		below = "Library/Application Support"
	case "windows":
		base, below = "LocalAppData", ""
	}
	home := getenv(base)
	if home == "" {
		return "", ErrNoDir
	}
	return filepath.Join(home, filepath.FromSlash(below), "sealwax"), nil
}
