//! The thread that writes. What comes while the disk is busy is written together next time.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use super::campaign::{Begun, Lock};
use super::fold;
use super::keys::Keys;
use super::log::{self, Ended, Intended, Step};
use super::rows;
use crate::journal::key::Key;
use crate::journal::ledger::Planned;
use crate::journal::record::{Ending, SharedEntry};
use crate::store::Unusable;
use crate::store::sqlite::{signed, told};

/// So much is written together at most.
const BATCH: usize = 1_000;
/// With less than this to write, a moment is waited for more.
const ENOUGH: usize = 64;
/// Far less than the jitter that the pace stands (30 ms), and than an answer of Meta's takes. Each sync costs a tenth of a
/// millisecond of CPU, however many messages it is for.
const GATHER: Duration = Duration::from_millis(4);

type Done = oneshot::Sender<Result<(), Unusable>>;

/// What the thread is asked to do.
pub(super) enum Job {
    /// To say what is known of a message, and to take it for one of this run.
    Plan { key: Key, index: u64, reply: oneshot::Sender<Result<Planned, Unusable>> },
    /// To have it on the disk that a message may have left.
    Intend { entry: SharedEntry, reply: Done },
    /// To write down how a message ended, or an attempt that is repeated.
    End { entry: SharedEntry, ending: Ending, is_over: bool },
    /// To end, and to say what could not be written.
    Close { reply: Done },
}

/// The thread's own.
pub(super) struct Writer {
    connection: Connection,
    /// Let go of when everything is written.
    _lock: Lock,
    place: String,
    campaign: i64,
    run: u64,
    syncs: bool,
    is_syncing: bool,
    keys: Arc<Keys>,
    /// Messages of which the log says that they leave, and not yet how they ended.
    leaving: HashSet<u64>,
    /// The log was too long, and rows are made of it up to here.
    folds_to: Option<i64>,
    /// Endings that could not be written, for lack of room: tried again each time.
    owed: Vec<Note>,
    /// Known messages that were met again.
    seen: Vec<Seen>,
}

/// What is to be written of a message.
enum Note {
    Leaves(SharedEntry),
    /// `is_over` unless more may come of it.
    Ends {
        entry: SharedEntry,
        ending: Ending,
        is_over: bool,
    },
}

impl Note {
    fn leaves(&self) -> bool {
        matches!(self, Note::Leaves(_))
    }

    /// The key of a message that is over.
    fn over(&self) -> Option<&str> {
        match self {
            Note::Ends { entry, is_over: true, .. } => Some(&entry.key),
            _ => None,
        }
    }
}

struct Seen {
    id: u64,
    index: u64,
    key: String,
}

/// What is written together, in the order in which it came.
#[derive(Default)]
struct Batch {
    notes: Vec<Note>,
    /// Who waits to leave.
    leaving: Vec<Done>,
}

impl Writer {
    pub(super) fn new(begun: Begun, keys: Arc<Keys>, place: String, syncs: bool) -> Self {
        Writer {
            connection: begun.connection,
            _lock: begun.lock,
            place,
            campaign: begun.campaign,
            run: begun.run,
            syncs,
            is_syncing: false,
            keys,
            leaving: HashSet::new(),
            folds_to: None,
            owed: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Works until everybody has gone, or until it is told to close.
    pub(super) fn work(mut self, jobs: &mpsc::Receiver<Job>) {
        let mut closing = None;
        while closing.is_none()
            && let Ok(first) = jobs.recv()
        {
            let mut batch = Batch::default();
            let mut next = Some(first);
            let mut has_waited = false;
            while let Some(job) = next {
                match job {
                    Job::Plan { key, index, reply } => _ = reply.send(self.plan(&key, index)),
                    Job::Intend { entry, reply } => {
                        batch.notes.push(Note::Leaves(entry));
                        batch.leaving.push(reply);
                    }
                    Job::End { entry, ending, is_over } => {
                        batch.notes.push(Note::Ends { entry, ending, is_over });
                    }
                    Job::Close { reply } => {
                        closing = Some(reply);
                        break;
                    }
                }
                let count = batch.notes.len() + self.owed.len() + self.seen.len();
                next = if count < BATCH { jobs.try_recv().ok() } else { None };
                // What one transaction costs, a hundred messages share.
                if next.is_none() && (1..ENOUGH).contains(&count) && !std::mem::replace(&mut has_waited, true) {
                    std::thread::sleep(GATHER);
                    next = jobs.try_recv().ok();
                }
            }
            // What it could not write it owes, and says at its end.
            let _ = self.carry_out(batch);
            self.shorten();
        }
        let written = self.carry_out(Batch::default());
        let _ = self.connection.execute("UPDATE campaign SET pid = NULL WHERE id = ?1", params![self.campaign]);
        drop(self);
        if let Some(reply) = closing {
            let _ = reply.send(written);
        }
    }

    fn unusable(&self, error: &rusqlite::Error) -> Unusable {
        Unusable { place: self.place.clone(), problem: told(error) }
    }

    fn plan(&mut self, key: &Key, index: u64) -> Result<Planned, Unusable> {
        let mut n = 0;
        loop {
            n += 1;
            let text = key.nth(n);
            let hash = rows::hash(self.campaign, &text);
            let is_under_way = self.keys.is_under_way(&text);
            let found =
                if is_under_way { None } else { self.find(hash, &text).map_err(|error| self.unusable(&error))? };
            let is_met = is_under_way || found.as_ref().is_some_and(|found| found.run == self.run);
            match (is_met, key) {
                (true, Key::Content(_)) => continue,
                (true, Key::Given(_)) => return Ok(Planned::Twice { key: text }),
                (false, _) => {}
            }
            let Some(found) = found else {
                return Ok(Planned::New { name: self.keys.take(hash, &text), key: text });
            };
            // So that the next of equal messages is taken for the next one.
            self.keys.begin(hash, &text);
            self.seen.push(Seen { id: found.record.name.id, index, key: text.clone() });
            return Ok(Planned::Known { key: text, record: found.record });
        }
    }

    fn find(&mut self, hash: i64, key: &str) -> rusqlite::Result<Option<rows::Found>> {
        if self.keys.may_be_logged(hash) {
            while fold::portion(&mut self.connection)?.is_more {}
            self.keys.all_have_rows();
            self.folds_to = None;
        }
        rows::find(&self.connection, self.campaign, key)
    }

    /// Makes some rows of a log that is long. Where that fails it stays long.
    fn shorten(&mut self) {
        if self.folds_to.is_none() && self.keys.is_long() {
            self.folds_to = fold::end(&self.connection).ok();
        }
        let Some(end) = self.folds_to else { return };
        match fold::portion(&mut self.connection) {
            Ok(folded) if !folded.is_more || folded.last >= end => {
                self.keys.is_short_again();
                self.folds_to = None;
            }
            Ok(_) | Err(_) => {}
        }
    }

    /// Writes a batch, and tells everybody who waits to leave. Returns why endings could not be written.
    fn carry_out(&mut self, batch: Batch) -> Result<(), Unusable> {
        let Batch { notes, leaving } = batch;
        let mut notes: Vec<Note> = std::mem::take(&mut self.owed).into_iter().chain(notes).collect();
        let written = self.write(&notes).map_err(|error| self.unusable(&error));
        let mut ends = Ok(());
        if written.is_err() {
            // Outcomes go first where there is room for little; what is about to leave can still be kept back.
            notes.retain(|note| !note.leaves());
            ends = self.write(&notes).map_err(|error| self.unusable(&error));
            if ends.is_err() {
                self.owed = notes;
            }
        }
        for reply in leaving {
            let _ = reply.send(written.clone());
        }
        ends
    }

    fn write(&mut self, notes: &[Note]) -> rusqlite::Result<()> {
        if notes.is_empty() && self.seen.is_empty() {
            return Ok(());
        }
        // The next that leaves, and is synced, takes what was written before it along.
        let needs_sync = self.syncs && notes.iter().any(Note::leaves);
        if self.is_syncing != needs_sync {
            self.connection.pragma_update(None, "synchronous", if needs_sync { "FULL" } else { "NORMAL" })?;
            self.is_syncing = needs_sync;
        }
        let mut has_left = HashMap::new();
        // Not by its guard: that would hold the connection, and rolls back like this one.
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let written = self.write_within(notes, &mut has_left).and_then(|()| self.connection.execute_batch("COMMIT"));
        if let Err(error) = written {
            // Where the commit itself failed SQLite may have done it already.
            let _ = self.connection.execute_batch("ROLLBACK");
            return Err(error);
        }
        let seen = std::mem::take(&mut self.seen);
        self.keys.end(notes.iter().filter_map(Note::over).chain(seen.iter().map(|seen| seen.key.as_str())));
        for (id, leaves) in has_left {
            if leaves {
                self.leaving.insert(id)
            } else {
                self.leaving.remove(&id)
            };
        }
        Ok(())
    }

    /// `has_left` gets what the log says of each message afterwards.
    fn write_within(&self, notes: &[Note], has_left: &mut HashMap<u64, bool>) -> rusqlite::Result<()> {
        for Seen { id, index, .. } in &self.seen {
            rows::see(&self.connection, *id, self.run, *index)?;
        }
        if notes.is_empty() {
            return Ok(());
        }
        let steps = notes.iter().map(|note| match note {
            Note::Leaves(entry) => {
                has_left.insert(entry.name.id, true);
                Step::Leaves(Intended::from(&**entry))
            }
            Note::Ends { entry, ending, .. } => {
                let id = entry.name.id;
                let left = has_left.insert(id, false).unwrap_or_else(|| self.leaving.contains(&id));
                Step::Ended(Ended::new(entry, ending, left))
            }
        });
        self.connection
            .prepare_cached("INSERT INTO log (campaign, run, entries) VALUES (?1, ?2, ?3)")?
            .execute(params![self.campaign, signed(self.run), log::text(&steps.collect::<Vec<_>>())?])?;
        Ok(())
    }
}
