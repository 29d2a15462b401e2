//! A journal in a SQLite file.

mod campaign;
mod desk;
mod fold;
mod keys;
mod layout;
mod log;
mod observe;
mod read;
mod rows;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::oneshot;

use super::key::Key;
use super::ledger::Planned;
use super::news::JournalNews;
use super::record::{Ending, Entry, Record};
use super::report::Report;
use super::{About, JournalRow, Observed, Purge};
use crate::error::{Error, Result};
use crate::store::Unusable;
use crate::store::sqlite::{RunLock, SqliteFile, told};
use desk::{Desk, Question};
use keys::Keys;
use log::Ended;
use writer::Writer;

/// A run that writes to a file.
pub(super) struct SqliteRun {
    desk: Arc<Desk>,
    place: String,
    campaign: i64,
    keys: Arc<Keys>,
}

impl SqliteRun {
    /// Opens the file and begins. It blocks.
    pub(super) fn begin(path: &Path, campaign: &str, about: &About, syncs: bool, now_ms: u64) -> Result<Self> {
        let place = path.display().to_string();
        let mut begun = campaign::begin(path, campaign, about, now_ms)?;
        let unusable = |error| Unusable { place: place.clone(), problem: told(&error) };
        // Those that were forgotten have no row, and keys of an earlier run shall not look like keys of this one.
        begun.next_id = begun.next_id.max(rows::last_looked_up(&begun.file).map_err(unusable)? + 1);
        let keys = Arc::new(campaign::keys(&begun).map_err(unusable)?);
        let id = begun.campaign;
        let writer = Writer::new(begun, keys.clone(), place.clone(), syncs);
        let desk = Arc::new(Desk::default());
        let thread = std::thread::Builder::new().name("wacloud-journal".to_owned());
        let spawned = thread.spawn({
            let desk = desk.clone();
            move || writer.work(&desk)
        });
        match spawned {
            Ok(_) => Ok(SqliteRun { desk, place, campaign: id, keys }),
            Err(error) => Err(Unusable { place, problem: format!("cannot be written by a thread: {error}") }.into()),
        }
    }

    /// What the thread answers; none where it has gone.
    fn answered<T, E>(&self, answer: std::result::Result<std::result::Result<T, Unusable>, E>) -> Result<T> {
        match answer {
            Ok(answer) => answer.map_err(Error::from),
            Err(_) => Err(self.closed()),
        }
    }

    fn closed(&self) -> Error {
        Unusable { place: self.place.clone(), problem: "is closed already".to_owned() }.into()
    }

    pub(super) async fn plan(&self, key: Key, index: u64) -> Result<Planned> {
        let first = key.nth(1);
        // Most are new, which is known without asking anybody.
        if let Some(name) = self.keys.take_new(rows::hash(self.campaign, &first), &first) {
            return Ok(Planned::New { key: first, name });
        }
        let (reply, answer) = oneshot::channel();
        self.desk.ask(Question::Plan { key, index, reply });
        self.answered(answer.await)
    }

    /// Webhooks are written by anybody at any time, so the file is asked last, when the copy is on record. Messages that leave
    /// for the first time, which nearly all do, are not asked for.
    pub(super) async fn intend(&self, entry: &Entry, is_copy: bool) -> Result<Option<Box<Record>>> {
        let written = self.desk.leaves(entry).ok_or_else(|| self.closed())?;
        self.answered(written.await)?;
        if !entry.may_have_left.swap(true, Ordering::Relaxed) && !is_copy {
            return Ok(None);
        }
        let (reply, answer) = oneshot::channel();
        self.desk.ask(Question::IsSettled { name: entry.name, reply });
        self.answered(answer.await)
    }

    /// How a message ended; `is_over` unless more may come of it. Nobody waits for it: where the process ends before it is
    /// written, which is a few milliseconds later, the message is taken for one that may have left.
    pub(super) fn end(&self, entry: &Entry, ending: &Ending<'_>, is_over: bool) {
        let has_left = entry.may_have_left.swap(false, Ordering::Relaxed);
        let over = is_over.then(|| self.keys.mark(&entry.key));
        self.desk.ends(Ended::new(entry, ending, has_left), over);
    }

    /// Returns when everything is written and the file is free for others.
    pub(super) async fn close(&self) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.desk.close(Some(reply));
        self.answered(answer.await)
    }
}

impl Drop for SqliteRun {
    fn drop(&mut self) {
        self.desk.close(None);
    }
}

/// A file that is read, and that webhooks are written to.
pub(super) struct SqliteJournal {
    file: SqliteFile,
}

impl SqliteJournal {
    pub(super) fn new(path: &str) -> Self {
        SqliteJournal { file: SqliteFile::new(path.into(), &layout::KIND) }
    }

    pub(super) fn place(&self) -> String {
        self.file.place()
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    /// The campaigns of the file.
    pub(super) fn campaigns(&self) -> Result<Vec<String>> {
        self.exists()?;
        Ok(self.file.once(|connection| read::campaigns(connection))?)
    }

    pub(super) fn report(&self, campaign: &str, now_ms: u64) -> Result<Option<Report>> {
        self.settle(now_ms)?;
        let place = self.place();
        Ok(self.file.once(|connection| read::report(connection, campaign, place))?)
    }

    pub(super) fn rows(&self, campaign: &str, after: u64, limit: u32, now_ms: u64) -> Result<Vec<JournalRow>> {
        self.settle(now_ms)?;
        Ok(self.file.once(|connection| read::rows(connection, campaign, after, limit))?)
    }

    pub(super) fn observe(&self, news: &[JournalNews], now_ms: u64) -> Result<Observed> {
        // A campaign that has not begun has nothing to settle.
        if !self.path().exists() {
            return Ok(Observed { others: news.len() as u64, ..Observed::default() });
        }
        Ok(self.file.with(|connection| observe::all(connection, news, now_ms))?)
    }

    pub(super) fn purge(&self, campaign: Option<&str>, purge: &Purge, now_ms: u64) -> Result<u64> {
        // Whoever sends has to know which keys it has met, also of those that are forgotten now.
        let is_in_use = self.settle(now_ms)?;
        Ok(self.file.once(|connection| read::purge(connection, campaign, purge, now_ms, is_in_use))?)
    }

    pub(super) fn note(&self, campaign: &str) -> Result<Option<String>> {
        self.exists()?;
        Ok(self.file.once(|connection| read::note(connection, campaign))?)
    }

    pub(super) fn set_note(&self, campaign: &str, note: &str) -> Result<bool> {
        self.exists()?;
        Ok(self.file.once(|connection| read::set_note(connection, campaign, note))?)
    }

    fn exists(&self) -> Result<()> {
        match self.path().exists() {
            true => Ok(()),
            false => Err(self.file.unusable("does not exist".to_owned()).into()),
        }
    }

    /// Makes rows of all that is in the log. Where nobody sends, what had left without an outcome is unknown. Returns whether
    /// somebody sends, or may.
    fn settle(&self, now_ms: u64) -> Result<bool> {
        self.exists()?;
        Ok(self.file.once(|connection| {
            // Who may not lock only reads; then what is left over is told as under way.
            match RunLock::take(connection, Duration::ZERO) {
                Ok(Some(_lock)) => fold::settle_left_over(connection, now_ms).map(|()| false),
                Ok(None) | Err(_) => fold::all(connection).map(|()| true),
            }
        })?)
    }
}
