package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sealwax/sealwax/internal/durable"
)

// stdio is the name that stands for standard input or output.
const stdio = "-"

// readAll reads a file, or standard input until ctx is done.
func (c *cli) readAll(ctx context.Context, name string) ([]byte, error) {
	if name != stdio {
		return os.ReadFile(name)
	}
	return c.reading(ctx, func() ([]byte, error) { return io.ReadAll(c.in) })
}

// reading has standard input read until ctx is done.
func (c *cli) reading(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type result struct {
		b   []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		b, err := read()
		done <- result{b, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("read standard input: %w", r.err)
		}
		return r.b, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("interrupted while reading standard input: %w", context.Cause(ctx))
	}
}

// writeAll writes b to a file or to standard output. A file is replaced durably, and is for its owner only if it is new. What
// is no file, such as a pipe or /dev/stdout, is written to and not replaced.
func (c *cli) writeAll(name string, b []byte) error {
	if name == stdio || name == "/dev/stdout" {
		_, err := c.out.Write(b)
		return err
	}
	if isFile(name) {
		return durable.WriteFile(name, b, 0o600)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

// isFile reports whether name is a file to replace, or none yet. What is below /dev and /proc may lead to one that somebody
// redirected output to.
func isFile(name string) bool {
	if strings.HasPrefix(name, "/dev/") || strings.HasPrefix(name, "/proc/") {
		return false
	}
	info, err := os.Stat(name)
	return err != nil || info.Mode().IsRegular()
}
