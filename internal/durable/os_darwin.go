package durable

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func changeTime(st *syscall.Stat_t) syscall.Timespec { return st.Ctimespec }

// chtimes sets both times: there is no call for one of them. The file is a new one, so nobody misses the other.
func chtimes(f *os.File, modified time.Time) error {
	t := unix.NsecToTimeval(modified.UnixNano())
	return unix.Futimes(int(f.Fd()), []unix.Timeval{t, t})
}
