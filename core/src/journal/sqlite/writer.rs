//! The thread that writes. What comes while the disk is busy is written together next time.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use super::campaign::{Begun, Lock};
use super::keys::Keys;
use super::rows::{self, Intended, Of};
use crate::journal::key::Key;
use crate::journal::ledger::Planned;
use crate::journal::record::{Ending, SharedEntry};
use crate::store::Unusable;
use crate::store::sqlite::{signed, told};

/// So much is written together at most.
const BATCH: usize = 1_000;
/// With less than this to write, a moment is waited for more.
const ENOUGH: usize = 64;
/// Far less than the jitter that the pace stands, and than an answer of Meta's takes.
const GATHER: Duration = Duration::from_millis(1);

/// After so many new keys they are made ready to be looked up.
const GATHERED: usize = 8_192;

type Done = oneshot::Sender<Result<(), Unusable>>;

/// What the thread is asked to do.
pub(super) enum Job {
    /// To say what is known of a message, and to take it for one of this run.
    Plan { key: Key, index: u64, reply: oneshot::Sender<Result<Planned, Unusable>> },
    /// To have it on the disk that a message may have left.
    Intend { entry: SharedEntry, reply: Done },
    /// To write down how a message ended, or an attempt that is repeated.
    End { entry: SharedEntry, ending: Ending, is_over: bool, reply: Option<Done> },
    /// To end.
    Close { reply: oneshot::Sender<()> },
}

/// The thread's own.
pub(super) struct Writer {
    connection: Connection,
    /// Let go of when everything is written.
    _lock: Lock,
    place: String,
    campaign: i64,
    run: u64,
    next_intent: u64,
    syncs: bool,
    is_syncing: bool,
    keys: Arc<Keys>,
    /// Hashes and ids of new messages that cannot be looked up yet.
    fresh: BTreeSet<(i64, u64)>,
    /// Of messages that may have left: their intent.
    intents: HashMap<u64, u64>,
    /// Of intents: how many of their messages have no outcome.
    open: HashMap<u64, usize>,
    /// What is to be written. What could not be, for lack of room, is tried again each time.
    owed: Owed,
}

#[derive(Default)]
struct Owed {
    endings: Vec<Ended>,
    /// Known messages that were met again.
    seen: Vec<Seen>,
}

struct Ended {
    entry: SharedEntry,
    ending: Ending,
    /// Whether nothing more comes of this message.
    is_over: bool,
}

struct Seen {
    id: u64,
    index: u64,
    key: String,
}

impl Owed {
    fn is_empty(&self) -> bool {
        self.endings.is_empty() && self.seen.is_empty()
    }
}

impl Writer {
    pub(super) fn new(begun: Begun, keys: Arc<Keys>, place: String, syncs: bool) -> Self {
        Writer {
            connection: begun.connection,
            _lock: begun.lock,
            place,
            campaign: begun.campaign,
            run: begun.run,
            next_intent: begun.next_intent,
            syncs,
            is_syncing: false,
            keys,
            fresh: BTreeSet::new(),
            intents: HashMap::new(),
            open: HashMap::new(),
            owed: Owed::default(),
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
                    Job::Intend { entry, reply } => batch.intents.push((entry, reply)),
                    Job::End { entry, ending, is_over, reply } => {
                        self.owed.endings.push(Ended { entry, ending, is_over });
                        batch.ended.extend(reply);
                    }
                    Job::Close { reply } => {
                        closing = Some(reply);
                        break;
                    }
                }
                let count = batch.intents.len() + self.owed.endings.len() + self.owed.seen.len();
                next = if count < BATCH { jobs.try_recv().ok() } else { None };
                // What one transaction costs, a hundred messages share.
                if next.is_none() && (1..ENOUGH).contains(&count) && !std::mem::replace(&mut has_waited, true) {
                    std::thread::sleep(GATHER);
                    next = jobs.try_recv().ok();
                }
            }
            self.carry_out(batch);
        }
        self.carry_out(Batch::default());
        let _ = self.connection.execute("UPDATE campaign SET pid = NULL WHERE id = ?1", params![self.campaign]);
        drop(self);
        if let Some(reply) = closing {
            let _ = reply.send(());
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
            let is_under_way = self.keys.is_under_way(&text);
            let found = if is_under_way { None } else { self.find(&text).map_err(|error| self.unusable(&error))? };
            let is_met = is_under_way || found.as_ref().is_some_and(|found| found.run == self.run);
            match (is_met, key) {
                (true, Key::Content(_)) => continue,
                (true, Key::Given(_)) => return Ok(Planned::Twice { key: text }),
                (false, _) => {}
            }
            let Some(found) = found else {
                self.keys.add(rows::hash(self.campaign, &text));
                return Ok(Planned::New { name: self.keys.take(&text), key: text });
            };
            // So that the next of equal messages is taken for the next one.
            self.keys.begin(&text);
            self.owed.seen.push(Seen { id: found.record.name.id, index, key: text.clone() });
            return Ok(Planned::Known { key: text, record: found.record });
        }
    }

    fn find(&self, key: &str) -> rusqlite::Result<Option<rows::Found>> {
        let hash = rows::hash(self.campaign, key);
        let fresh = self.fresh.range((hash, 0)..=(hash, u64::MAX)).map(|(_, id)| *id);
        rows::find(&self.connection, self.campaign, key, fresh)
    }

    /// Writes a batch, and tells everybody who waits for it.
    fn carry_out(&mut self, batch: Batch) {
        let Batch { intents, ended } = batch;
        if intents.is_empty() && self.owed.is_empty() {
            return;
        }
        let written = self.write(&intents);
        let (for_intents, for_endings) = match written {
            Ok(()) => (Ok(()), Ok(())),
            // Outcomes go first where there is room for little; what is about to leave can still be kept back.
            Err(error) => (Err(self.unusable(&error)), self.write(&[]).map_err(|error| self.unusable(&error))),
        };
        for (_, reply) in intents {
            let _ = reply.send(for_intents.clone());
        }
        for reply in ended {
            let _ = reply.send(for_endings.clone());
        }
    }

    fn write(&mut self, intents: &[(SharedEntry, Done)]) -> rusqlite::Result<()> {
        if intents.is_empty() && self.owed.is_empty() {
            return Ok(());
        }
        // The next intent that is synced takes what was written before it along.
        let needs_sync = self.syncs && !intents.is_empty();
        if self.is_syncing != needs_sync {
            self.connection.pragma_update(None, "synchronous", if needs_sync { "FULL" } else { "NORMAL" })?;
            self.is_syncing = needs_sync;
        }
        // Not by its guard: that would hold the connection, and rolls back like this one.
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let is_gathered = self.fresh.len() >= GATHERED;
        let done = self.write_within(intents).and_then(|closed| {
            if is_gathered {
                rows::gather(&self.connection)?;
            }
            self.connection.execute_batch("COMMIT")?;
            Ok(closed)
        });
        match done {
            Ok(closed) => {
                let Owed { endings, seen } = std::mem::take(&mut self.owed);
                if is_gathered {
                    self.fresh.clear();
                }
                for Ended { entry, .. } in &endings {
                    self.intents.remove(&entry.name.id);
                    if entry.is_new && !is_gathered {
                        self.fresh.insert((rows::hash(self.campaign, &entry.key), entry.name.id));
                    }
                }
                let over = endings.iter().filter(|ended| ended.is_over).map(|ended| ended.entry.key.as_str());
                self.keys.end(over.chain(seen.iter().map(|seen| seen.key.as_str())));
                for (intent, left) in closed {
                    match left {
                        0 => self.open.remove(&intent),
                        left => self.open.insert(intent, left),
                    };
                }
                if !intents.is_empty() {
                    let intent = self.next_intent;
                    self.next_intent += 1;
                    self.open.insert(intent, intents.len());
                    self.intents.extend(intents.iter().map(|(entry, _)| (entry.name.id, intent)));
                }
                Ok(())
            }
            Err(error) => {
                // Where the commit itself failed SQLite may have done it already.
                let _ = self.connection.execute_batch("ROLLBACK");
                Err(error)
            }
        }
    }

    /// Returns how many messages are left of the intents that lost some.
    fn write_within(&self, intents: &[(SharedEntry, Done)]) -> rusqlite::Result<HashMap<u64, usize>> {
        for Seen { id, index, .. } in &self.owed.seen {
            rows::see(&self.connection, *id, self.run, *index)?;
        }
        let mut ended = HashSet::new();
        let mut left = HashMap::new();
        for Ended { entry, ending, .. } in &self.owed.endings {
            let intent = self.intents.get(&entry.name.id).copied();
            let of = Of { campaign: self.campaign, run: self.run, intent: intent.unwrap_or_default() };
            rows::write(&self.connection, of, entry, ending)?;
            // An attempt that came to nothing may be followed by the end of the message.
            if let Some(intent) = intent.filter(|_| ended.insert(entry.name.id)) {
                let left = left.entry(intent).or_insert_with(|| self.open.get(&intent).copied().unwrap_or_default());
                *left = left.saturating_sub(1);
            }
        }
        for intent in left.iter().filter(|(_, left)| **left == 0).map(|(intent, _)| *intent) {
            self.connection.prepare_cached("DELETE FROM intent WHERE id = ?1")?.execute(params![signed(intent)])?;
        }
        if !intents.is_empty() {
            let entries: Vec<Intended> = intents.iter().map(|(entry, _)| Intended::from(&**entry)).collect();
            let text = serde_json::to_string(&entries)
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
            self.connection
                .prepare_cached("INSERT INTO intent (id, campaign, entries) VALUES (?1, ?2, ?3)")?
                .execute(params![signed(self.next_intent), self.campaign, text])?;
        }
        Ok(left)
    }
}

/// What is written together.
#[derive(Default)]
struct Batch {
    intents: Vec<(SharedEntry, Done)>,
    /// Who waits for the outcomes to be written.
    ended: Vec<Done>,
}
