//! A SQLite file of ours: opened when it is first needed, told apart from files of others, and never used across a fork.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Unusable;

/// Who writes holds a file for a few milliseconds; whoever waits longer than this is told.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

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

/// A file and the connection to it, which threads take in turn.
pub(crate) struct SqliteFile {
    path: PathBuf,
    kind: &'static FileKind,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    connection: Option<Connection>,
    /// A connection must not be used in a forked child; not even be closed there (SQLite's page "How To Corrupt").
    pid: u32,
}

impl SqliteFile {
    /// Opens nothing yet.
    pub(crate) fn new(path: PathBuf, kind: &'static FileKind) -> Self {
        SqliteFile { path, kind, open: Mutex::default() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn place(&self) -> String {
        self.path.display().to_string()
    }

    pub(crate) fn unusable(&self, problem: String) -> Unusable {
        Unusable { place: self.place(), problem }
    }

    /// With the file open; it is made, if there is none. Who cannot use it leaves it closed, so that the next one opens
    /// what is there by then.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, Unusable> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let pid = std::process::id();
        if open.pid != pid {
            std::mem::forget(open.connection.take());
            open.pid = pid;
        }
        let mut connection = match open.connection.take() {
            Some(connection) => connection,
            None => connect(&self.path, self.kind).map_err(|problem| self.unusable(problem))?,
        };
        let done = work(&mut connection).map_err(|error| self.unusable(told(&error)))?;
        open.connection = Some(connection);
        Ok(done)
    }
}

/// Opens a file of this kind, or makes it. It is written ahead in a log (WAL) and not synced with each change.
pub(crate) fn connect(path: &Path, kind: &FileKind) -> Result<Connection, String> {
    // Without SQLite's own mutexes: everybody here takes turns by ownership.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // SQLite says of both only that it cannot open them.
    if path.is_dir() {
        return Err("is a directory: give the path of a file in it, such as wacloud.db".to_owned());
    }
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
