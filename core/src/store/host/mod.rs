//! Books that the processes of one user on one machine share: a small file each, under a lock.
//!
//! Read and written with pread and pwrite; a mapped file could end the process with a signal when somebody shortens it.
//! The lock belongs to the open file, so it goes with the process that held it, however that ended. A process that was
//! stopped in the few microseconds in which it held the lock must not stop the others: they wait for a moment and go on
//! alone.

mod layout;
mod room;
mod table;

use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::fs::FlockOperation;
use tokio::time::Instant;

use super::memory::MemoryBook;
use super::{Entry, Page};
use layout::{Change, Head};
pub(super) use room::Room;
use table::Table;

/// A lock is held for microseconds; whoever holds it for this long has been stopped …
const LONGEST_WAIT: Duration = Duration::from_millis(100);
/// … unless it was this process that stood still: one that has used up its share of the CPU (a container's limit, say) does
/// so for most of a tenth of a second, often together with whoever holds the lock. So it looks this often at least.
const LEAST_LOOKS: u32 = 300;
const PAUSE: Duration = Duration::from_micros(100);
/// After the file could not be used, how long it is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(5);

/// A book in a file.
pub(crate) struct HostBook {
    room: Room,
    name: String,
    /// The lock on a file is one for the whole process: its threads need their own.
    state: Mutex<State>,
    clock: Clock,
    instead: MemoryBook,
}

#[derive(Default)]
struct State {
    file: Option<Arc<File>>,
    table: Table,
    broken_until: Option<Instant>,
    notice: Option<String>,
    has_warned: bool,
}

impl HostBook {
    pub(super) fn new(room: Room, name: &str) -> Self {
        HostBook {
            room,
            name: name.to_owned(),
            state: Mutex::default(),
            clock: Clock::new(),
            instead: MemoryBook::new(),
        }
    }

    pub(super) fn update<T>(&self, keys: &[u64], change: &mut impl FnMut(Page<'_>) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.broken_until.is_none_or(|until| until <= Instant::now()) {
            match self.update_file(&mut state, keys, change) {
                Ok(done) => {
                    state.broken_until = None;
                    return done;
                }
                Err(error) => state.leave_alone(&self.room, &error),
            }
        }
        drop(state);
        self.instead.update(keys, change)
    }

    pub(super) fn take_notice(&self) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).notice.take()
    }

    fn update_file<T>(
        &self,
        state: &mut State,
        keys: &[u64],
        change: &mut impl FnMut(Page<'_>) -> T,
    ) -> std::io::Result<T> {
        let State { file: open, table, .. } = state;
        let locked = self.lock(open)?;
        let file = &*locked.0;
        let mut head = match Head::read(file, room::boot_id())? {
            Some(head) => head,
            None => Head::begin(file, room::boot_id())?,
        };
        let now_us = self.clock.now_us();
        if !keys.is_empty() {
            table.catch_up(file, &head, now_us)?;
        }
        let mut entries: Vec<Entry> = keys.iter().map(|key| table.get(*key)).collect();
        let (head_before, entries_before) = (head, entries.clone());
        let done = change(Page { now_us, record: &mut head.record, entries: &mut entries });
        let changes = keys.iter().zip(entries).zip(entries_before).filter(|((_, entry), before)| entry != before);
        let changes: Vec<Change> = changes.map(|((key, entry), _)| Change { key: *key, entry }).collect();
        if !changes.is_empty() {
            table.write(file, &mut head, changes, now_us)?;
        }
        // Last, so that nothing of a process that was killed in between counts.
        if head != head_before {
            head.write(file)?;
        }
        Ok(done)
    }

    /// The file, open and locked. One that was cleaned away while it was open is made anew.
    fn lock(&self, open: &mut Option<Arc<File>>) -> std::io::Result<Locked> {
        for _ in 0..3 {
            let file = match open {
                Some(file) => file.clone(),
                None => open.insert(Arc::new(self.room.open(&self.name)?)).clone(),
            };
            wait_for_lock(&file)?;
            // From here on every way out unlocks.
            let locked = Locked(file);
            if rustix::fs::fstat(&*locked.0)?.st_nlink > 0 {
                return Ok(locked);
            }
            *open = None;
        }
        Err(std::io::Error::other("the file vanishes again and again"))
    }
}

impl State {
    fn leave_alone(&mut self, room: &Room, error: &std::io::Error) {
        self.file = None;
        self.table = Table::default();
        self.broken_until = Some(Instant::now() + LEFT_ALONE);
        if !std::mem::replace(&mut self.has_warned, true) {
            self.notice = Some(format!(
                "the pace is kept in this process alone, because {} cannot be used: {error}. Other processes that send \
                 from the same number do not know of it; set pace_dir to a directory of your own, or pace to \"process\" \
                 or to a Redis URL",
                room.path().display()
            ));
        }
    }
}

/// An open file that is locked as long as this lives. Unlocking it by name matters after a fork: a child inherits the open
/// file, and the lock would otherwise stay until both have closed it.
struct Locked(Arc<File>);

impl Drop for Locked {
    fn drop(&mut self) {
        // It cannot fail on an open file, and there is nothing to do about it.
        let _ = rustix::fs::flock(&*self.0, FlockOperation::Unlock);
    }
}

fn wait_for_lock(file: &File) -> std::io::Result<()> {
    let (begun, mut looks) = (std::time::Instant::now(), 0);
    loop {
        looks += 1;
        match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR)
                if looks < LEAST_LOOKS || begun.elapsed() < LONGEST_WAIT =>
            {
                std::thread::sleep(PAUSE);
            }
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(std::io::Error::other("another process keeps it locked"));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// The same clock for all processes since the machine started, which nobody sets. It runs with tokio's, so that tests can
/// hold it.
struct Clock {
    begin: Instant,
    begin_us: u64,
}

impl Clock {
    fn new() -> Self {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
        let begin_us = seconds * 1_000_000 + u64::try_from(now.tv_nsec).unwrap_or_default() / 1_000;
        Clock { begin: Instant::now(), begin_us }
    }

    fn now_us(&self) -> u64 {
        self.begin_us.saturating_add(u64::try_from(self.begin.elapsed().as_micros()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests;
