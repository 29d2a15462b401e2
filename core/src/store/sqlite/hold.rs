//! What this process holds of a SQLite file beside SQLite's own locks.
//!
//! SQLite locks with `fcntl`. Those locks belong to the process, and all of them go when anybody in it closes the file: the
//! language's own SQLite, or a copy of the directory. Other processes, and the SQLite that closes, then believe that nobody
//! has the file open; they remove the log that is still written to, and cut off the shared memory
//! (<https://sqlite.org/howtocorrupt.html>, "File locking problems"). So each file has one more open descriptor here with
//! locks of its own, where SQLite looks for those of others: on Linux locks of the open file description, which nobody else's
//! close takes away. It stays open until the last connection of the process to the file is closed, since closing it would
//! take SQLite's locks away, too.
//!
//! What is open is found by device and inode: links and mounts give a file other names.

use std::fs::{File, Metadata};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, TryLockError};
use std::time::{Duration, Instant};

use super::byte_lock::{IN_USE, OPEN, lock};
use super::{LONGEST_WAIT, beside};

/// The bytes 18 and 19 of a file that is written ahead in a log (<https://sqlite.org/fileformat.html>).
const IN_LOG: (u64, [u8; 2]) = (18, [2, 2]);
const PAUSE: Duration = Duration::from_millis(1);
const HELD_TOO_LONG: &str = "cannot be used: somebody else held it for too long";
const OF_PARENT: &str = "was in use by the process that forked this one, and SQLite cannot go on with a file across a fork: \
                         use it in a process that is started anew (spawn, exec) or forked earlier";

/// A file, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Identity { device: metadata.dev(), inode: metadata.ino() }
    }

    /// Of what is there now.
    pub(super) fn at(path: &Path) -> Option<Self> {
        std::fs::metadata(path).ok().as_ref().map(Identity::of)
    }
}

/// What the process holds of one file.
struct Held {
    /// Another one's where it comes from before a fork.
    pid: u32,
    identity: Identity,
    file: Option<File>,
    shared_memory: Option<(File, Identity)>,
    connections: u32,
    /// Those that are at work, a run all the time: SQLite's memory of what is locked counts on them to go on.
    busy: u32,
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), allow(dead_code, reason = "see run_lock.rs"))]
    is_sending: bool,
    /// The last connection is being closed, and cleans up.
    is_closing: bool,
    /// SQLite has had the file open in this process since before the fork, and goes on with this shared memory.
    inherited: Option<Identity>,
}

static HELD: Mutex<Vec<Held>> = Mutex::new(Vec::new());
/// Opening a descriptor and closing it again must not take the locks of a file that is just being made.
static OPENING: Mutex<()> = Mutex::new(());

/// In a forked child a lock may be held by a thread that is gone. Anywhere else it is held by a thread that itself waits
/// for [`LONGEST_WAIT`] at most, for another process, and opens a file then.
fn turn<T>(of: &'static Mutex<T>) -> Result<MutexGuard<'static, T>, String> {
    static FIRST: OnceLock<u32> = OnceLock::new();
    let is_forked = *FIRST.get_or_init(std::process::id) != std::process::id();
    let (longest, problem) = if is_forked { (LONGEST_WAIT, OF_PARENT) } else { (3 * LONGEST_WAIT, HELD_TOO_LONG) };
    let begun = Instant::now();
    loop {
        match of.try_lock() {
            Ok(guard) => return Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if begun.elapsed() < longest => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(problem.to_owned()),
        }
    }
}

/// One connection's share of what the process holds.
pub(super) struct Hold {
    identity: Identity,
    is_busy: bool,
}

/// What became of an attempt.
enum Taken {
    Hold(Hold),
    /// There is no file yet that is written ahead in a log.
    Unmade,
    /// Somebody ends with it.
    Busy,
}

impl Hold {
    /// Before a connection is opened to a file, which `make` makes where there is none yet. What is made is closed again: to
    /// be written ahead in a log it must be one's own alone.
    pub(super) fn begin(path: &Path, make: impl Fn() -> Result<(), String>) -> Result<Self, String> {
        let begun = Instant::now();
        loop {
            let opening = turn(&OPENING)?;
            match Hold::take(path)? {
                Taken::Hold(hold) => return Ok(hold),
                Taken::Unmade => make()?,
                Taken::Busy => {}
            }
            drop(opening);
            if begun.elapsed() > LONGEST_WAIT {
                return Err(HELD_TOO_LONG.to_owned());
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Before a connection is opened; it is then at work.
    fn take(path: &Path) -> Result<Taken, String> {
        let Some(identity) = Identity::at(path) else { return Ok(Taken::Unmade) };
        let pid = std::process::id();
        let mut all = turn(&HELD)?;
        let at = match all.iter().position(|held| held.identity == identity) {
            Some(at) if all[at].pid == pid => at,
            Some(at) => {
                if all[at].busy > 0 || all[at].is_closing {
                    return Err(OF_PARENT.to_owned());
                }
                let before = std::mem::replace(&mut all[at], Held::new(identity));
                all[at].inherited = before.shared_memory.as_ref().map(|(_, of)| *of).or(before.inherited);
                // They keep the parent's locks for this process, too; to close them would take its own away.
                std::mem::forget((before.file, before.shared_memory));
                at
            }
            None => {
                all.push(Held::new(identity));
                all.len() - 1
            }
        };
        let taken = all[at].take(path);
        if matches!(taken, Ok(Taken::Hold(_))) {
            all[at].connections += 1;
            all[at].busy += 1;
        } else if all[at].is_unused() {
            all.remove(at);
        }
        taken
    }

    /// When SQLite has read of the file, and so opened its shared memory. With the file's locks held nobody removed that since.
    pub(super) fn take_shared_memory(&self, path: &Path) -> Result<(), String> {
        self.with(|held| {
            let path = beside(path, "-shm");
            if held.shared_memory.is_some() {
                return Ok(());
            }
            let Some(identity) = Identity::at(&path) else { return Ok(()) };
            let file = File::open(&path).map_err(|error| format!("cannot be used: {error} ({})", path.display()))?;
            lock(&file, IN_USE, true);
            held.shared_memory = Some((file, identity));
            Ok(())
        })?
    }

    /// What is dropped before the connection is closed.
    pub(super) fn closing(&self) -> Closing {
        Closing(self.identity)
    }

    /// SQLite names what it keeps beside a file after the name that it was opened by: who opens it by another one (a second
    /// hard link) does not find what was written last.
    pub(super) fn has_other_names(&self) -> bool {
        let links =
            self.with(|held| held.file.as_ref().and_then(|file| file.metadata().ok()).map(|found| found.nlink()));
        links.is_ok_and(|links| links.is_some_and(|links| links > 1))
    }

    pub(super) fn is_at(&self, path: &Path) -> bool {
        Identity::at(path) == Some(self.identity)
    }

    /// The file is this run's alone. `flock` is of the file itself, which is one whatever names it has; on Linux it is no
    /// business of SQLite's `fcntl`. False where somebody else sends with it, also within this process.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn lock_alone(&self) -> Result<Option<Alone>, String> {
        use rustix::fs::{FlockOperation, flock};
        use rustix::io::Errno;

        self.with(|held| match &held.file {
            Some(file) if !held.is_sending => match flock(file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {
                    held.is_sending = true;
                    Ok(Some(Alone(self.identity)))
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(None),
                Err(error) => Err(format!("cannot be locked: {error}")),
            },
            _ => Ok(None),
        })?
    }

    fn with<T>(&self, change: impl FnOnce(&mut Held) -> T) -> Result<T, String> {
        with(self.identity, change)
    }

    /// Between two uses nobody counts on it to go on: a child that is forked then can open the file, too.
    pub(super) fn set_busy(&mut self, is_busy: bool) -> Result<(), String> {
        if std::mem::replace(&mut self.is_busy, is_busy) != is_busy {
            self.with(|held| held.busy = if is_busy { held.busy + 1 } else { held.busy.saturating_sub(1) })?;
        }
        Ok(())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let pid = std::process::id();
        let Ok(mut all) = turn(&HELD) else { return };
        let Some(at) = all.iter().position(|held| held.identity == self.identity && held.pid == pid) else { return };
        let held = &mut all[at];
        held.connections = held.connections.saturating_sub(1);
        held.busy = held.busy.saturating_sub(u32::from(self.is_busy));
        if held.connections == 0 {
            (held.file, held.shared_memory, held.is_closing) = (None, None, false);
            if held.is_unused() {
                all.remove(at);
            }
        }
    }
}

fn with<T>(identity: Identity, change: impl FnOnce(&mut Held) -> T) -> Result<T, String> {
    let pid = std::process::id();
    let mut all = turn(&HELD)?;
    let held = all.iter_mut().find(|held| held.identity == identity && held.pid == pid);
    held.map(change).ok_or_else(|| OF_PARENT.to_owned())
}

/// Dropped before the connection is closed: the last one of the process may then clean up after itself.
pub(super) struct Closing(Identity);

impl Drop for Closing {
    fn drop(&mut self) {
        // Where it fails the log stays until the file is next opened.
        let _ = with(self.0, |held| {
            if held.connections == 1 {
                held.is_closing = true;
                held.lock(false);
            }
        });
    }
}

/// A file is one run's alone as long as this lives.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) struct Alone(Identity);

#[cfg(any(target_os = "linux", target_os = "android"))]
impl Drop for Alone {
    fn drop(&mut self) {
        // By name, since a forked child shares the open file. It cannot fail on one, and there is nothing to do about it.
        let _ = with(self.0, |held| {
            held.is_sending = false;
            let _ = held.file.as_ref().map(|file| rustix::fs::flock(file, rustix::fs::FlockOperation::Unlock));
        });
    }
}

impl Held {
    fn new(identity: Identity) -> Self {
        Held {
            pid: std::process::id(),
            identity,
            file: None,
            shared_memory: None,
            connections: 0,
            busy: 0,
            is_sending: false,
            is_closing: false,
            inherited: None,
        }
    }

    fn is_unused(&self) -> bool {
        self.connections == 0 && self.inherited.is_none()
    }

    fn take(&mut self, path: &Path) -> Result<Taken, String> {
        if self.is_closing {
            return Ok(Taken::Busy);
        }
        let file = match &self.file {
            Some(file) => file,
            None => {
                let file = File::open(path).map_err(|error| format!("cannot be used: {error}"))?;
                let metadata = file.metadata().map_err(|error| format!("cannot be used: {error}"))?;
                if Identity::of(&metadata) != self.identity {
                    return Ok(Taken::Busy);
                }
                self.file.insert(file)
            }
        };
        let mut found = [0; 2];
        // Whatever is wrong with it SQLite tells better.
        if file.read_exact_at(&mut found, IN_LOG.0).is_err() || found != IN_LOG.1 {
            self.let_go();
            return Ok(Taken::Unmade);
        }
        if !self.lock(true) {
            self.let_go();
            return Ok(Taken::Busy);
        }
        // SQLite has one shared memory for all connections of a process to a file, and goes on with that one.
        let (known, problem) = match &self.shared_memory {
            Some((_, known)) => (Some(*known), super::TAKEN_AWAY),
            None => (self.inherited, OF_PARENT),
        };
        let is_another = |known| path.canonicalize().map(|path| Identity::at(&beside(&path, "-shm")) != Some(known));
        if known.is_some_and(|known| is_another(known).unwrap_or(true)) {
            self.let_go();
            return Err(problem.to_owned());
        }
        Ok(Taken::Hold(Hold { identity: self.identity, is_busy: true }))
    }

    fn let_go(&mut self) {
        if self.connections == 0 {
            (self.file, self.shared_memory) = (None, None);
        }
    }

    fn lock(&self, is_to_hold: bool) -> bool {
        let shared_memory = self.shared_memory.as_ref().is_none_or(|(file, _)| lock(file, IN_USE, is_to_hold));
        self.file.as_ref().is_none_or(|file| lock(file, OPEN, is_to_hold)) && shared_memory
    }
}
