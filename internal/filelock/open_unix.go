//go:build linux || darwin

package filelock

import (
	"os"
	"syscall"

	"github.com/sealwax/sealwax/internal/durable"
)

// O_NOFOLLOW: a link could lead to a file of root's, or have root make one elsewhere. O_NONBLOCK: opening a named pipe
// would wait for a writer for ever, and no context ends that.
const openFlags = os.O_RDONLY | syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// inode returns the owner of an open file and how many names it has.
func inode(info os.FileInfo) (owner durable.Owner, links uint64) {
	st := info.Sys().(*syscall.Stat_t)
	return durable.Owner{User: int(st.Uid), Group: int(st.Gid)}, uint64(st.Nlink)
}
