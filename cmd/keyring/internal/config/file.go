package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// DefaultFile is the config that is used when none is named.
const DefaultFile = "keyring.hcl"

// MaxSize is the largest config that is read, 64 KiB. The parsers recurse once for each byte of some nonsense, and 64 KiB
// of it keeps them far from the end of the stack.
const MaxSize = 64 << 10

// Find returns the config to use: flag (of --config), else env (of KEYRING_CONFIG), else ./keyring.hcl. If that one does
// not exist, the error says where it was looked for and how to make one.
func Find(flag, env string) (string, error) {
	path, looked := DefaultFile, "--config and KEYRING_CONFIG are not set, and there is no "+DefaultFile+" here"
	switch {
	case flag != "":
		path, looked = flag, fmt.Sprintf("--config names %s, which does not exist", flag)
	case env != "":
		path, looked = env, fmt.Sprintf("KEYRING_CONFIG names %s, which does not exist", env)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, nil // whatever else is wrong with it shows when it is read
	}
	if path == DefaultFile {
		if dir, err := os.Getwd(); err == nil {
			looked += " (" + dir + ")"
		}
	}
	return "", fmt.Errorf("config: no config file: %s; `keyring init --dev DIR` makes a first one, with a keystore",
		looked)
}

// readFile reads at most MaxSize bytes of path.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	defer f.Close() // only read from: nothing is lost
	src, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	if len(src) > MaxSize {
		return nil, fmt.Errorf("config: %s is larger than %d KiB", path, MaxSize>>10)
	}
	return src, nil
}
