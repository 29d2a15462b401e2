//! Where a run is written: a file or a server.

use super::key::Key;
use super::record::{Ending, Entry, Record};
use super::redis::RedisRun;
use super::sqlite::SqliteRun;
use super::tracker::Name;
use crate::error::Result;

/// What is known of a message before it is sent.
#[derive(Debug)]
pub(super) enum Planned {
    /// Nothing: it is new, and this is its name.
    New { key: String, name: Name },
    /// It was met in an earlier run.
    Known { key: String, record: Record },
    /// Its key was given to another message of this run.
    Twice { key: String },
    /// Another worker has it.
    Claimed { key: String },
}

/// Where a run is written.
pub(super) enum Ledger {
    Sqlite(SqliteRun),
    Redis(RedisRun),
}

impl Ledger {
    /// What is known of a message, which is taken for one of this run.
    pub(super) async fn plan(&self, key: Key, index: u64) -> Result<Planned> {
        match self {
            Ledger::Sqlite(run) => run.plan(key, index).await,
            Ledger::Redis(run) => run.plan(&key, index).await,
        }
    }

    /// Returns when it is on record that the message may have left; or, of a copy of one that may have left before, what is
    /// known of that one where it was accepted. Then the copy must not leave.
    pub(super) async fn intend(&self, entry: &Entry, is_copy: bool) -> Result<Option<Box<Record>>> {
        match self {
            Ledger::Sqlite(run) => run.intend(entry, is_copy).await,
            Ledger::Redis(run) => run.intend(entry).await,
        }
    }

    /// The message did not leave, since it was accepted before.
    pub(super) fn settled(&self, entry: &Entry, record: &Record) {
        match self {
            Ledger::Sqlite(run) => run.end(entry, &record.ending, true),
            Ledger::Redis(run) => run.settled(entry),
        }
    }

    /// Writes down how the message ended: soon in a file, and with an error at the end of the run where it cannot be done; at
    /// once on a server, where others wait for it.
    pub(super) async fn end(&self, entry: &Entry, ending: &Ending<'_>) -> Result<()> {
        match self {
            Ledger::Sqlite(run) => {
                run.end(entry, ending, true);
                Ok(())
            }
            Ledger::Redis(run) => run.end(entry, ending).await,
        }
    }

    /// An attempt came to nothing and will be repeated; nobody waits for that to be on record.
    pub(super) fn repeated(&self, entry: &Entry, ending: &Ending<'_>) {
        match self {
            Ledger::Sqlite(run) => run.end(entry, ending, false),
            Ledger::Redis(run) => run.repeated(entry, ending),
        }
    }

    /// Returns when everything is written and others may begin.
    pub(super) async fn close(&self) -> Result<()> {
        match self {
            Ledger::Sqlite(run) => run.close().await,
            Ledger::Redis(run) => {
                run.close().await;
                Ok(())
            }
        }
    }
}
