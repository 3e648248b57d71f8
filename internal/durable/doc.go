// Package durable replaces files so that a crash leaves the old bytes or the new ones, nothing else, and so that what
// has been reported as written stays written.
//
// [Replace] is the one way to change a file: write a temporary file beside it, sync, rename, sync the directory.
// [WriteFile] does it with the owner and mode of the file that is there. Whoever needs something between the steps, as
// the keystore does, calls [Stage] and [Commit] itself. All of them work on an [FS], so that crash tests can put a
// simulated disk below; [OS] is the real one.
//
// [Root] is an [FS] of one directory that no name leads out of, and it has one call more: [Root.Exchange], with which a
// file is replaced only if it is still the one that was read.
//
// # Directories of another user
//
// Root may replace a file in a directory that another user controls, who can rename, remove and link at any time what is in
// there, and is the attacker then. So content, owner, mode and time of a file are read and set through a descriptor that
// was opened without following a link, or of a file that this call made. What goes by name cannot leave the directory:
// link, rename and unlink act on the name itself and not on what a link there leads to, and both their names are in
// that one directory. With them root does nothing there that the user could not do alone. (On macOS link does follow, and
// so makes a name in the directory for a file elsewhere; its owner and mode, and who can read it, stay.) That holds
// provided that nobody but root and the process's user can rename the directory itself or one above it.
//
// # What the systems promise
//
// Linux. Rename replaces atomically. fsync of a file keeps its content, but its name only once the directory has been
// synced too; a read-only descriptor will do for both, which is how a reader without write permission makes sure that
// what it read stays. Measured with Linux 6.18: on ext4, xfs, btrfs and tmpfs mounted read-only, and on read-only bind
// mounts, fsync succeeds; squashfs and proc, which nobody writes, have no fsync and answer EINVAL. EROFS is the answer
// of a file system that went read-only by an error, with changes in flight, so it is an error here. After a failed
// fsync the kernel may forget the data and let the next fsync succeed, so no sync is ever repeated: the temporary file is
// thrown away.
//
// macOS. Assumed, not measured: fsync alone leaves data in the drive's cache; os.File.Sync uses F_FULLFSYNC. A
// read-only volume may answer EROFS to it, which is accepted there.
//
// Windows. Assumed, not measured: a directory cannot be synced; the rename is made with MOVEFILE_WRITE_THROUGH, which
// returns once the new name is on the disk. A reader cannot wait for it, and a removal cannot be made durable. Files
// have no owner and mode in our sense, and the ones of the directory are inherited.
//
// Everywhere. A file system without fsync for directories (EINVAL, ENOTSUP) is taken at its word: there is nothing
// that would make it more durable. Drives that lie about their cache are beyond us.
package durable
