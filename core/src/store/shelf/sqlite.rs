//! A shelf in a SQLite file, which the processes of a machine can share.
//!
//! Written ahead in a log (WAL) and not synced with each change: what was written survives every crash of the process, and
//! may lose its last moments with the machine's power. A receiver then takes a repetition for news, which is the safe side.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Change, Item, Key, ShelfError};

/// Who writes holds the file for less than a millisecond; whoever waits longer than this is told.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// `wacl`, in SQLite's own place for whose a file is.
const APPLICATION_ID: i32 = 0x7761_636c;
/// Another layout gets another number.
const LAYOUT: i32 = 1;
/// After so many changes what is over is removed.
const CLEAN_EVERY: u32 = 1_000;

pub(crate) struct SqliteShelf {
    path: PathBuf,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    connection: Option<Connection>,
    /// A connection must not be used in a forked child; not even be closed there (SQLite's page "How To Corrupt").
    pid: u32,
    changes: u32,
}

impl SqliteShelf {
    pub(super) fn new(path: PathBuf) -> Self {
        SqliteShelf { path, open: Mutex::default() }
    }

    pub(super) fn place(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) fn change(&self, changes: &[Change], now_s: u64) -> Result<Vec<u64>, ShelfError> {
        self.with(|open| {
            let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
            let is_dirty = open.changes.saturating_add(count) >= CLEAN_EVERY;
            open.changes = if is_dirty { 0 } else { open.changes + count };
            let Some(connection) = &mut open.connection else { return Ok(Vec::new()) };
            // At once for writing: one that reads first could find that somebody was faster, and would have to begin anew.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let before = changes.iter().map(|change| one(&transaction, change, now_s)).collect::<Result<_, _>>()?;
            if is_dirty {
                transaction.execute("DELETE FROM number WHERE until_s <= ?1", params![signed(now_s)])?;
            }
            transaction.commit()?;
            Ok(before)
        })
    }

    pub(super) fn get(&self, keys: &[Key], now_s: u64) -> Result<Vec<u64>, ShelfError> {
        self.with(|open| {
            let Some(connection) = &open.connection else { return Ok(Vec::new()) };
            keys.iter().map(|key| Ok(find(connection, *key, now_s)?.map_or(0, |(value, _)| value))).collect()
        })
    }

    /// With the file open. Who cannot use it leaves it closed, so that the next one opens what is there by then.
    fn with<T>(&self, work: impl FnOnce(&mut Open) -> rusqlite::Result<T>) -> Result<T, ShelfError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let done = self.ready(&mut open).and_then(|()| work(&mut open).map_err(|error| told(&error)));
        done.map_err(|problem| {
            open.connection = None;
            ShelfError { place: self.place(), problem }
        })
    }

    fn ready(&self, open: &mut MutexGuard<'_, Open>) -> Result<(), String> {
        let pid = std::process::id();
        if open.pid != pid {
            std::mem::forget(open.connection.take());
            open.pid = pid;
        }
        if open.connection.is_none() {
            open.connection = Some(self.connect()?);
        }
        Ok(())
    }

    fn connect(&self) -> Result<Connection, String> {
        // SQLite says of both only that it cannot open them.
        if self.path.is_dir() {
            return Err("is a directory: give the path of a file in it, such as inbox.db".to_owned());
        }
        let connection = Connection::open(&self.path).map_err(|error| match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => {
                format!("cannot be used: there is no directory {}", parent.display())
            }
            _ => told(&error),
        })?;
        let begin = |connection: &Connection| {
            connection.busy_timeout(LONGEST_WAIT)?;
            let number = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0));
            let tables = "SELECT count(*) FROM sqlite_schema";
            let is_empty = connection.query_row(tables, [], |row| row.get::<_, i64>(0))? == 0;
            let (application, layout) = (number("application_id")?, number("user_version")?);
            if !is_empty && application != APPLICATION_ID {
                return Ok(Some("is a database of something else".to_owned()));
            }
            if layout > LAYOUT {
                return Ok(Some(format!(
                    "is of a newer version of wacloud (layout {layout}, this one knows {LAYOUT})"
                )));
            }
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            if is_empty {
                connection.execute_batch(&format!(
                    "BEGIN IMMEDIATE;
                     PRAGMA application_id = {APPLICATION_ID};
                     PRAGMA user_version = {LAYOUT};
                     CREATE TABLE IF NOT EXISTS number (
                         key BLOB PRIMARY KEY, value INTEGER NOT NULL, until_s INTEGER NOT NULL
                     ) WITHOUT ROWID;
                     CREATE INDEX IF NOT EXISTS number_until ON number (until_s);
                     COMMIT;"
                ))?;
            }
            Ok(None)
        };
        match begin(&connection) {
            Ok(None) => Ok(connection),
            Ok(Some(problem)) => Err(problem),
            Err(error) => Err(told(&error)),
        }
    }
}

fn told(error: &rusqlite::Error) -> String {
    format!("cannot be used: {error}")
}

fn one(connection: &Connection, change: &Change, now_s: u64) -> rusqlite::Result<u64> {
    let Item { key, value, until_s } = *change.item();
    let before = find(connection, key, now_s)?;
    let (new, until_s) = match (change, before) {
        (Change::Raise(_), Some((before, before_until_s))) => (value.max(before), until_s.max(before_until_s)),
        _ => (value, until_s),
    };
    if new == 0 {
        connection.prepare_cached("DELETE FROM number WHERE key = ?1")?.execute(params![bytes(key)])?;
    } else if before != Some((new, until_s)) {
        connection
            .prepare_cached("INSERT OR REPLACE INTO number (key, value, until_s) VALUES (?1, ?2, ?3)")?
            .execute(params![bytes(key), signed(new), signed(until_s)])?;
    }
    Ok(before.map_or(0, |(value, _)| value))
}

fn find(connection: &Connection, key: Key, now_s: u64) -> rusqlite::Result<Option<(u64, u64)>> {
    let mut found = connection.prepare_cached("SELECT value, until_s FROM number WHERE key = ?1 AND until_s > ?2")?;
    let row =
        found.query_row(params![bytes(key), signed(now_s)], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
    Ok(row.optional()?.map(|(value, until_s)| (value.unsigned_abs(), until_s.unsigned_abs())))
}

fn bytes(key: Key) -> [u8; 16] {
    key.0.to_be_bytes()
}

/// SQLite's integers have a sign; nothing here is as large as that.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
