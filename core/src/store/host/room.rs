//! The directory where the files are, made and opened so that no other user can put anything in its place.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, CWD, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::layout::VERSION;

/// Files that nobody wrote for this long hold nothing that still counts.
const STALE: Duration = Duration::from_secs(3600);
/// So many files are looked at when one is made: cleaning up is nobody's main work.
const LOOKED_AT: usize = 500;

/// A directory of books.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    path: PathBuf,
    /// Whether it is the usual one, which must be this user's alone. What a user names is the user's affair.
    is_usual: bool,
}

impl Room {
    pub(crate) fn new(given: Option<PathBuf>) -> Self {
        match given {
            Some(path) => Room { path, is_usual: false },
            None => Room { path: usual(), is_usual: true },
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file of a book, made if there is none.
    pub(super) fn open(&self, book: &str) -> io::Result<File> {
        let directory = self.directory()?;
        let name = file_name(book);
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = |flags| rustix::fs::openat(&directory, name.as_str(), flags, Mode::RUSR | Mode::WUSR);
        let file = match open(flags) {
            Err(Errno::NOENT) => {
                clean(&directory);
                open(flags | OFlags::CREATE)
            }
            opened => opened,
        }?;
        let stat = rustix::fs::fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(io::Error::other(format!("{name} is no file")));
        }
        let others = Mode::RWXG | Mode::RWXO;
        if stat.st_uid != own_id() || Mode::from_raw_mode(stat.st_mode).intersects(others) {
            return Err(io::Error::other(format!("{name} is open to other users")));
        }
        Ok(File::from(file))
    }

    fn directory(&self) -> io::Result<OwnedFd> {
        if !self.is_usual {
            std::fs::create_dir_all(&self.path)?;
        } else if let Err(error) = rustix::fs::mkdir(&self.path, Mode::RWXU)
            && error != Errno::EXIST
        {
            return Err(error.into());
        }
        let mut flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        if self.is_usual {
            flags |= OFlags::NOFOLLOW;
        }
        let directory = rustix::fs::openat(CWD, &self.path, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&directory)?;
        let writable_by_others = Mode::WGRP | Mode::WOTH;
        if self.is_usual
            && (stat.st_uid != own_id() || Mode::from_raw_mode(stat.st_mode).intersects(writable_by_others))
        {
            return Err(io::Error::other("it is not this user's alone"));
        }
        Ok(directory)
    }
}

/// Derived from the user id alone: a web server's worker, a cron job and a shell have different environments, and must
/// find the same place. In memory where the machine has a directory for that.
fn usual() -> PathBuf {
    let parent = if Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" };
    PathBuf::from(format!("{parent}/wacloud-{}", own_id()))
}

fn own_id() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Readable for whoever looks into the directory, and different for different books.
fn file_name(book: &str) -> String {
    let readable: String = book
        .trim_start_matches("https://")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' })
        .take(100)
        .collect();
    format!("pace{VERSION}-{readable}-{:016x}", super::super::hash(book))
}

/// Removes what nobody has written for long, of any version. A file that somebody has open is made anew by whoever uses it
/// next.
fn clean(directory: &OwnedFd) {
    let Ok(files) = rustix::fs::Dir::read_from(directory) else { return };
    for file in files.flatten().take(LOOKED_AT) {
        let name = file.file_name();
        if name.to_bytes().starts_with(b"pace") {
            // What cannot be removed is in nobody's way.
            let _ = clean_file(directory, name);
        }
    }
}

fn clean_file(directory: &OwnedFd, name: &std::ffi::CStr) -> io::Result<()> {
    if !is_stale(&rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?) {
        return Ok(());
    }
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(directory, name, flags, Mode::empty())?;
    rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    // Somebody may have written between the look and the lock.
    if is_stale(&rustix::fs::fstat(&file)?) {
        rustix::fs::unlinkat(directory, name, AtFlags::empty())?;
    }
    Ok(())
}

fn is_stale(stat: &rustix::fs::Stat) -> bool {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let written = u64::try_from(stat.st_mtime).unwrap_or_default();
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile && written + STALE.as_secs() < now.as_secs()
}

/// Which start of the machine this is; zeros where the system does not say.
pub(super) fn boot_id() -> [u8; 16] {
    static BOOT: OnceLock<[u8; 16]> = OnceLock::new();
    *BOOT.get_or_init(|| {
        let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        u128::from_str_radix(&digits, 16).unwrap_or_default().to_be_bytes()
    })
}
