//! Held while a process sends with a file. It goes with the process, however that ends, and the file itself stays open to
//! those who read it and who bring webhooks.

use std::time::{Duration, Instant};

use super::OpenFile;

const PAUSE: Duration = Duration::from_millis(5);

/// Dropped before the file is closed.
pub(crate) struct RunLock {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    _alone: super::hold::Alone,
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    _connection: rusqlite::Connection,
}

impl RunLock {
    /// The lock, or none where somebody else has it, also in this process, for as long as may be waited.
    pub(crate) fn take(file: &OpenFile, wait: Duration) -> Result<Option<Self>, String> {
        let begun = Instant::now();
        loop {
            match Self::attempt(file)? {
                Some(lock) => return Ok(Some(lock)),
                None if begun.elapsed() >= wait => return Ok(None),
                None => std::thread::sleep(PAUSE),
            }
        }
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn attempt(file: &OpenFile) -> Result<Option<Self>, String> {
        Ok(file.hold.lock_alone()?.map(|alone| RunLock { _alone: alone }))
    }

    /// Where `flock` would stand in SQLite's way, or is not known, the lock is an empty database beside the file: SQLite
    /// knows how to lock on every system, also within one process. Symbolic links have been followed; a second hard link
    /// has another lock.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn attempt(file: &OpenFile) -> Result<Option<Self>, String> {
        use super::{beside, told};

        let place = beside(&file.path, "-lock");
        let unusable = |error: rusqlite::Error| format!("{} ({})", told(&error), place.display());
        let connection = rusqlite::Connection::open(&place).map_err(unusable)?;
        match connection.execute_batch("BEGIN EXCLUSIVE") {
            Ok(()) => Ok(Some(RunLock { _connection: connection })),
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => Ok(None),
            Err(error) => Err(unusable(error)),
        }
    }
}
