//! A SQLite file of ours: opened when it is first needed, told apart from files of others, and never used across a fork.

#[cfg(unix)]
mod byte_lock;
#[cfg(not(unix))]
#[path = "elsewhere.rs"]
mod hold;
#[cfg(unix)]
mod hold;
mod run_lock;
// Clippy knows tests by an attribute of their own only.
#[cfg(unix)]
#[cfg(test)]
mod tests;

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Unusable;
use hold::{Closing, Hold, Identity};
pub(crate) use run_lock::RunLock;

/// Who writes holds a file for a few milliseconds; whoever waits longer than this is told.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What somebody did to a file that is open, as the end of a sentence that begins with it.
pub(crate) const TAKEN_AWAY: &str = "was moved, removed or replaced while it was open, or what SQLite keeps beside it (-wal, \
                                     -shm) was: whatever is written to it now would be lost";

/// What a file holds.
#[derive(Debug)]
pub(crate) struct FileKind {
    /// In SQLite's own place for whose a file is.
    pub(crate) application_id: i32,
    /// Another layout gets another number.
    pub(crate) layout: i32,
    /// The statements that make its tables.
    pub(crate) schema: &'static str,
}

/// An open file.
pub(crate) struct OpenFile {
    // In the order in which they are let go of.
    _closing: Closing,
    connection: Connection,
    hold: Hold,
    /// Without links, as SQLite names what it keeps beside it.
    path: PathBuf,
    log_path: PathBuf,
    log: Option<Identity>,
}

impl Deref for OpenFile {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for OpenFile {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl OpenFile {
    /// Whether others who open it find what is written here: the same file, and the same log beside it.
    pub(crate) fn is_in_place(&self) -> bool {
        self.hold.is_at(&self.path) && self.log.is_some() && Identity::at(&self.log_path) == self.log
    }

    /// Whether there is a second hard link to it.
    pub(crate) fn has_other_names(&self) -> bool {
        self.hold.has_other_names()
    }

    /// What is in a log that was taken away must not be put over what is in the file now, as closing would do, and a commit
    /// when the log is long.
    pub(crate) fn leave_alone(&self) {
        // They fail where SQLite cannot be asked for anything any more.
        let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        let _ = self.connection.pragma_update(None, "wal_autocheckpoint", 0);
    }
}

/// A file and the connection to it, which threads take in turn.
pub(crate) struct SqliteFile {
    /// Absolute: the process may go to another directory.
    path: PathBuf,
    place: String,
    kind: &'static FileKind,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    file: Option<OpenFile>,
    /// A connection must not be used in a forked child; not even be closed there (SQLite's page "How To Corrupt").
    pid: u32,
}

impl SqliteFile {
    /// Opens nothing yet.
    pub(crate) fn new(path: PathBuf, kind: &'static FileKind) -> Self {
        let place = path.display().to_string();
        SqliteFile { path: std::path::absolute(&path).unwrap_or(path), place, kind, open: Mutex::default() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn place(&self) -> String {
        self.place.clone()
    }

    pub(crate) fn unusable(&self, problem: String) -> Unusable {
        Unusable { place: self.place(), problem }
    }

    /// With the file open; it is made, if there is none, and stays open. Who cannot use it leaves it closed, so that the next
    /// one opens what is there by then.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, Unusable> {
        self.use_it(true, |file| work(file))
    }

    /// The same, but a file that was closed is closed again: then there is nothing that a process which forks afterwards,
    /// as who becomes a daemon does, takes into its child.
    pub(crate) fn once<T>(&self, work: impl FnOnce(&mut OpenFile) -> rusqlite::Result<T>) -> Result<T, Unusable> {
        self.use_it(false, work)
    }

    fn use_it<T>(
        &self,
        stays_open: bool,
        work: impl FnOnce(&mut OpenFile) -> rusqlite::Result<T>,
    ) -> Result<T, Unusable> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let pid = std::process::id();
        if open.pid != pid {
            std::mem::forget(open.file.take());
            open.pid = pid;
        }
        let mut file = open.file.take();
        let was_open = file.is_some();
        if let Some(gone) = file.take_if(|file| !file.is_in_place()) {
            gone.leave_alone();
        }
        let unusable = |problem| self.unusable(problem);
        let mut file = match file {
            Some(mut file) => {
                file.hold.set_busy(true).map_err(unusable)?;
                file
            }
            None => connect(&self.path, self.kind).map_err(unusable)?,
        };
        let done = work(&mut file).map_err(|error| self.unusable(told(&error)))?;
        if stays_open || was_open {
            file.hold.set_busy(false).map_err(unusable)?;
            open.file = Some(file);
        }
        Ok(done)
    }
}

/// The name of what is beside a file.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Opens a file of this kind, or makes it. It is written ahead in a log (WAL) and not synced with each change.
pub(crate) fn connect(path: &Path, kind: &FileKind) -> Result<OpenFile, String> {
    // SQLite says of both only that it cannot open them.
    if path.is_dir() {
        return Err("is a directory: give the path of a file in it, such as wacloud.db".to_owned());
    }
    let hold = Hold::begin(path, || connection(path, kind).map(drop))?;
    let connection = connection(path, kind)?;
    // Windows names what has no links in another way, too, which not everybody can read.
    let whole = if cfg!(unix) { path.canonicalize() } else { std::path::absolute(path) };
    let path = whole.map_err(|error| format!("cannot be used: {error}"))?;
    hold.take_shared_memory(&path)?;
    let log_path = beside(&path, "-wal");
    let log = Identity::at(&log_path);
    let file = OpenFile { _closing: hold.closing(), connection, hold, path, log_path, log };
    match file.is_in_place() {
        true => Ok(file),
        false => Err(TAKEN_AWAY.to_owned()),
    }
}

fn connection(path: &Path, kind: &FileKind) -> Result<Connection, String> {
    // Without SQLite's own mutexes: everybody here takes turns by ownership.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => {
            format!("cannot be used: there is no directory {}", parent.display())
        }
        _ => told(&error),
    })?;
    match begin(&connection, kind) {
        Ok(None) => Ok(connection),
        Ok(Some(problem)) => Err(problem),
        Err(error) => Err(told(&error)),
    }
}

fn begin(connection: &Connection, kind: &FileKind) -> rusqlite::Result<Option<String>> {
    let FileKind { application_id, layout: known, schema } = kind;
    connection.busy_timeout(LONGEST_WAIT)?;
    let number = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0));
    let tables = "SELECT count(*) FROM sqlite_schema";
    let is_empty = connection.query_row(tables, [], |row| row.get::<_, i64>(0))? == 0;
    let (application, layout) = (number("application_id")?, number("user_version")?);
    if !is_empty && application != *application_id {
        return Ok(Some("is a database of something else".to_owned()));
    }
    if layout > *known {
        return Ok(Some(format!("is of a newer version of wacloud (layout {layout}, this one knows {known})")));
    }
    if !is_empty && layout < *known {
        return Ok(Some(format!("is of an earlier version of wacloud (layout {layout}, this one knows {known} only)")));
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    if is_empty {
        // Somebody else may do the same at the same moment.
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE;
             PRAGMA application_id = {application_id};
             PRAGMA user_version = {known};
             {schema}
             COMMIT;"
        ))?;
    }
    Ok(None)
}

/// What went wrong, as the end of a sentence that begins with the file.
pub(crate) fn told(error: &rusqlite::Error) -> String {
    let why = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::DatabaseCorrupt) => "it is damaged",
        Some(ErrorCode::NotADatabase) => "it is not a database",
        Some(ErrorCode::ReadOnly) => "it may not be written",
        Some(ErrorCode::DatabaseBusy) => "somebody else held it for too long",
        _ => return format!("cannot be used: {error}"),
    };
    format!("cannot be used: {why} ({error})")
}

/// SQLite's integers have a sign; nothing here is as large as that.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
