package durable

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

func exchange(dir int, a, b string) error {
	err := unix.RenameatxNp(dir, a, dir, b, unix.RENAME_SWAP)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return fmt.Errorf("%w: %w", ErrNoExchange, err)
	}
	return err
}
