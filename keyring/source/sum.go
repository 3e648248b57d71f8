package source

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"io"
	"io/fs"

	"github.com/sealwax/sealwax/internal/durable"
)

// A sum stands for the content of a file: 80 bits of its SHA-256, in base32. They tell apart what came about by itself;
// who could make two contents of one sum can write the file in any case.
type sum string

const sumSize = 16

func newSum(digest []byte) sum { return sum(base32.StdEncoding.EncodeToString(digest[:10])) }

func sumOf(data []byte) sum {
	d := sha256.Sum256(data)
	return newSum(d[:])
}

// nothing is the sum of what is no file, or none that can be read. No content has it.
const nothing sum = ""

// sumIn returns the sum of a file. The error is only about a file that is there and cannot be read.
func sumIn(dir folder, name string) (sum, error) {
	f, err := dir.Open(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, durable.ErrLink) {
		return nothing, nil
	}
	if err != nil {
		return nothing, err
	}
	defer f.Close() // opened for reading
	if info, err := f.Stat(); err != nil || !info.Mode.IsRegular() {
		return nothing, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nothing, err
	}
	return newSum(h.Sum(nil)), nil
}
