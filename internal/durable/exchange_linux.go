package durable

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

func exchange(dir int, a, b string) error {
	err := unix.Renameat2(dir, a, dir, b, unix.RENAME_EXCHANGE)
	// EINVAL is what a file system without it says, as NFS does; ENOSYS a kernel before 3.15.
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP) {
		return fmt.Errorf("%w: %w", ErrNoExchange, err)
	}
	return err
}
