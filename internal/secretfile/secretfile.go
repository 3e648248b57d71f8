// Package secretfile reads small files that hold one secret.
//
// There are three kinds, which differ in who decides about permissions: [ReadPrivate] for a file that the operator made
// for us, [ReadCredential] for one that systemd (or a container runtime in its place) put into the service's
// credentials directory, and [Read] for one that another agent writes and renews.
package secretfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/internal/shell"
)

// MaxSize is the most that a file may hold, in bytes. Real secrets are far smaller; what is larger is another file.
const MaxSize = 64 << 10

// ErrMode is in the chain of an error about a file that others may read or write.
var ErrMode = errors.New("others have access to a secret file")

// Read returns the content of a file without the newline at its end. The caller clears it.
func Read(path string) (secret.Bytes, error) {
	return read(path, 0)
}

// ReadPrivate is Read for a file that only its owner may access. The error has the command that mends its mode.
func ReadPrivate(path string) (secret.Bytes, error) {
	return read(path, 0o077)
}

// ReadCredential reads the credential with this name from $CREDENTIALS_DIRECTORY, where systemd puts what
// LoadCredential= and LoadCredentialEncrypted= name.
//
// The group may read it: systemd gives the service its right through an access control list, whose mask shows as the
// group's bits, and Kubernetes gives it through fsGroup.
func ReadCredential(name string) (secret.Bytes, error) {
	if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return secret.Bytes{}, fmt.Errorf("%q is not the name of a credential", name)
	}
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return secret.Bytes{}, fmt.Errorf("credential %s: CREDENTIALS_DIRECTORY is not set; start this as a systemd service with LoadCredential=%s:PATH: %w", name, name, fs.ErrNotExist)
	}
	return read(filepath.Join(dir, name), 0o037)
}

// read refuses a file of which mode has any of the forbidden bits.
func read(path string, forbidden fs.FileMode) (secret.Bytes, error) {
	f, err := open(path)
	if err != nil {
		return secret.Bytes{}, err
	}
	defer f.Close() // read only: nothing that closing could lose
	info, err := f.Stat()
	if err != nil {
		return secret.Bytes{}, err
	}
	if err := checkMode(path, info.Mode(), forbidden); err != nil {
		return secret.Bytes{}, err
	}
	return readAll(path, f)
}

// open looks before it opens, because opening a named pipe would wait for a writer.
func open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return os.Open(path)
}

func checkMode(path string, mode, forbidden fs.FileMode) error {
	if runtime.GOOS == "windows" || mode.Perm()&forbidden == 0 { // there the bits say nothing about who may read
		return nil
	}
	return fmt.Errorf("%w: %s has mode %04o; run: chmod %04o %s", ErrMode, path, mode.Perm(), mode.Perm()&^forbidden, shell.Path(path))
}

func readAll(path string, r io.Reader) (secret.Bytes, error) {
	// One byte of room over the limit tells a full file from a larger one. A growing buffer would leave copies behind.
	buf := make([]byte, MaxSize+1)
	defer clear(buf)
	n, err := io.ReadFull(r, buf)
	if err != io.ErrUnexpectedEOF && err != io.EOF && err != nil {
		return secret.Bytes{}, err
	}
	if n > MaxSize {
		return secret.Bytes{}, fmt.Errorf("%s has more than %d bytes", path, MaxSize)
	}
	n = trimNewline(buf[:n])
	if n == 0 {
		return secret.Bytes{}, fmt.Errorf("%s is empty", path)
	}
	return secret.Copy(buf[:n]), nil
}

// trimNewline returns the length of b without one newline, LF or CR LF, at its end.
func trimNewline(b []byte) int {
	n := len(b)
	if n > 0 && b[n-1] == '\n' {
		n--
		if n > 0 && b[n-1] == '\r' {
			n--
		}
	}
	return n
}
