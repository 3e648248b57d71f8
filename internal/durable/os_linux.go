package durable

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func changeTime(st *syscall.Stat_t) syscall.Timespec { return st.Ctim }

// chtimes is futimens, which the packages do not have: utimensat with a null path, which stands for the descriptor.
// unix.Futimes would need /proc, and utimensat with an empty path Linux 5.8.
func chtimes(f *os.File, modified time.Time) error {
	times := [2]unix.Timespec{{Nsec: unix.UTIME_OMIT}, unix.NsecToTimespec(modified.UnixNano())}
	_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, f.Fd(), 0, uintptr(unsafe.Pointer(&times)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
