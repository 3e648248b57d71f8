package durable

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

func changeTime(st *syscall.Stat_t) syscall.Timespec { return st.Ctim }

const omit = 0x3ffffffe // UTIME_OMIT: leave the access time

// chtimes is futimens, which package syscall does not have: utimensat with a null path, which stands for the descriptor.
// syscall.Futimes would need /proc, and utimensat with an empty path Linux 5.8.
func chtimes(f *os.File, modified time.Time) error {
	times := [2]syscall.Timespec{{Nsec: omit}, syscall.NsecToTimespec(modified.UnixNano())}
	_, _, errno := syscall.Syscall6(syscall.SYS_UTIMENSAT, f.Fd(), 0, uintptr(unsafe.Pointer(&times)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
