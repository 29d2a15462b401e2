//! Locks of an open file on some of its bytes, which do not go when somebody else in the process closes the file, and which
//! SQLite meets as if they were another process's (`F_OFD_SETLK`, in `fcntl_locking(2)` of Linux).

use std::fs::File;

#[cfg(any(target_os = "linux", target_os = "android"))]
type Offset = nix::libc::off_t;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
type Offset = i64;

/// The first one and their number.
type Bytes = (Offset, Offset);

/// The bytes that SQLite locks: for as long as a connection to a file that is written ahead in a log is open, and for as long
/// as its shared memory is in use (`SHARED_FIRST`, `SHARED_SIZE` and `UNIX_SHM_DMS` of its source; both are part of the
/// format, since all versions must agree on them).
pub(super) const OPEN: Bytes = (0x4000_0002, 510);
pub(super) const IN_USE: Bytes = (128, 1);

/// A lock that others may hold, too. False where somebody keeps everybody out; a system without such locks goes on without.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn lock(file: &File, (start, length): Bytes, is_to_hold: bool) -> bool {
    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc;

    let kind = if is_to_hold { libc::F_RDLCK } else { libc::F_UNLCK };
    let (Ok(l_type), Ok(l_whence)) = (kind.try_into(), libc::SEEK_SET.try_into()) else { return true };
    let lock = libc::flock { l_type, l_whence, l_start: start, l_len: length, l_pid: 0 };
    !matches!(fcntl(file, FcntlArg::F_OFD_SETLK(&lock)), Err(Errno::EAGAIN | Errno::EACCES))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn lock(_: &File, _: Bytes, _: bool) -> bool {
    true
}
