package main

import (
	"fmt"
	"io"
	"os"

	"github.com/sealwax/sealwax/internal/durable"
)

// readAll reads a file, or standard input if its name is "-".
func (c *cli) readAll(name string) ([]byte, error) {
	if name == "-" {
		b, err := io.ReadAll(c.in)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return b, nil
	}
	return os.ReadFile(name)
}

// writeAll writes a file durably, readable by its owner only if it is new, or standard output if its name is "-".
func (c *cli) writeAll(name string, b []byte) error {
	if name != "-" {
		return durable.WriteFile(name, b, 0o600)
	}
	if _, err := c.out.Write(b); err != nil {
		return fmt.Errorf("write standard output: %w", err)
	}
	return nil
}
