//! A shelf in a SQLite file, which the processes of a machine can share.
//!
//! Written ahead in a log (WAL) and not synced with each change: what was written survives every crash of the process, and
//! may lose its last moments with the machine's power. A receiver then takes a repetition for news, which is the safe side.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Change, Item, Key};
use crate::store::Unusable;
use crate::store::sqlite::{FileKind, SqliteFile, signed};

static KIND: FileKind = FileKind {
    // `wacl`
    application_id: 0x7761_636c,
    layout: 1,
    schema: "CREATE TABLE IF NOT EXISTS number (
                 key BLOB PRIMARY KEY, value INTEGER NOT NULL, until_s INTEGER NOT NULL
             ) WITHOUT ROWID;
             CREATE INDEX IF NOT EXISTS number_until ON number (until_s);",
};

/// After so many changes what is over is removed.
const CLEAN_EVERY: u32 = 1_000;

pub(crate) struct SqliteShelf {
    file: SqliteFile,
    changes: AtomicU32,
}

impl SqliteShelf {
    pub(super) fn new(path: PathBuf) -> Self {
        SqliteShelf { file: SqliteFile::new(path, &KIND), changes: AtomicU32::new(0) }
    }

    pub(super) fn place(&self) -> String {
        self.file.place()
    }

    pub(super) fn change(&self, changes: &[Change], now_s: u64) -> Result<Vec<u64>, Unusable> {
        let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        let is_dirty = self.changes.fetch_add(count, Ordering::Relaxed).saturating_add(count) >= CLEAN_EVERY;
        if is_dirty {
            self.changes.store(0, Ordering::Relaxed);
        }
        self.file.with(|connection| {
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

    pub(super) fn get(&self, keys: &[Key], now_s: u64) -> Result<Vec<u64>, Unusable> {
        self.file.with(|connection| {
            keys.iter().map(|key| Ok(find(connection, *key, now_s)?.map_or(0, |(value, _)| value))).collect()
        })
    }
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
