package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// maxLinks is how many symbolic links in a row Linux follows.
const maxLinks = 40

// Follow returns path, where it leads to if it is a symbolic link, and so on. The last one is a file, or a name that
// can become one: it is what a replacement must replace, as a rename over a link would cut the link. Links to directories
// on the way to a name are left to the system.
func Follow(fsys FS, path string) ([]string, error) {
	chain := []string{filepath.Clean(path)}
	for {
		last := chain[len(chain)-1]
		info, err := fsys.Lstat(last)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode&fs.ModeSymlink == 0 {
			return chain, nil
		}
		if err != nil {
			return nil, err
		}
		if len(chain) > maxLinks {
			return nil, fmt.Errorf("%s: more than %d symbolic links in a row", path, maxLinks)
		}
		next, err := fsys.Readlink(last)
		if err != nil {
			return nil, fmt.Errorf("symbolic link %s: %w", last, err)
		}
		chain = append(chain, next)
	}
}
