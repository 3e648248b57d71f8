// Generate writes the vectors and keystores into the folder given.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/sealwax/sealwax/internal/vectors"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: generate TESTDATA")
	}
	if err := generate(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// generate replaces all that vectors makes. Other files stay.
func generate(testdata string) error {
	files := vectors.Files()
	for _, pattern := range vectors.Patterns {
		old, err := filepath.Glob(filepath.Join(testdata, pattern))
		if err != nil {
			return err
		}
		for _, path := range old {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for name, text := range files {
		path := filepath.Join(testdata, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	fmt.Println(len(files), "files")
	return nil
}
