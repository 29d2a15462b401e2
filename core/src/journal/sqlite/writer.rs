//! The thread that writes. What comes while the disk is busy is written together next time.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::params;

use super::campaign::Begun;
use super::desk::{Batch, Desk, Question};
use super::fold;
use super::keys::Keys;
use super::rows;
use crate::journal::key::Key;
use crate::journal::ledger::Planned;
use crate::store::Unusable;
use crate::store::sqlite::{OpenFile, RunLock, TAKEN_AWAY, signed, told};

/// With less than this to write, a moment is waited for more.
const ENOUGH: usize = 64;
/// Far less than the jitter that the pace stands (30 ms), and than an answer of Meta's takes. Each sync costs a tenth of a
/// millisecond of CPU, however many messages it is for.
const GATHER: Duration = Duration::from_millis(4);

/// The thread's own.
pub(super) struct Writer {
    /// Let go of when everything is written, and before the file is closed.
    _lock: RunLock,
    connection: OpenFile,
    place: String,
    campaign: i64,
    run: u64,
    /// The first that this run gives.
    first_id: u64,
    syncs: bool,
    is_syncing: bool,
    keys: Arc<Keys>,
    /// The log was too long, and rows are made of it up to here.
    folds_to: Option<i64>,
    /// Endings that could not be written, for lack of room: tried again each time.
    owed: Batch,
    /// Known messages that were met again.
    seen: Vec<Seen>,
}

struct Seen {
    id: u64,
    index: u64,
    key: String,
}

/// Says that the thread has gone, however it does.
struct Leaving<'d>(&'d Desk);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Writer {
    pub(super) fn new(begun: Begun, keys: Arc<Keys>, place: String, syncs: bool) -> Self {
        Writer {
            _lock: begun.lock,
            connection: begun.file,
            place,
            campaign: begun.campaign,
            run: begun.run,
            first_id: begun.next_id,
            syncs,
            is_syncing: false,
            keys,
            folds_to: None,
            owed: Batch::default(),
            seen: Vec::new(),
        }
    }

    /// Works until it is told to close.
    pub(super) fn work(mut self, desk: &Desk) {
        let leaving = Leaving(desk);
        let closing = loop {
            desk.wait();
            self.answer(desk.questions());
            let (count, is_closing) = desk.count();
            // What one transaction costs, a hundred messages share.
            if (1..ENOUGH).contains(&(count + self.seen.len())) && !is_closing {
                std::thread::sleep(GATHER);
                self.answer(desk.questions());
            }
            let (batch, closing) = desk.take();
            // What it could not write it owes, and says at its end.
            let _ = self.carry_out(batch, desk);
            self.shorten();
            if let Some(closing) = closing {
                break closing;
            }
        };
        let written = self.carry_out(Batch::default(), desk);
        if self.is_in_place().is_ok() {
            let _ = self.connection.execute("UPDATE campaign SET pid = NULL WHERE id = ?1", params![self.campaign]);
        }
        drop(self);
        drop(leaving);
        if let Some(reply) = closing.0 {
            let _ = reply.send(written);
        }
    }

    fn answer(&mut self, questions: Vec<Question>) {
        for question in questions {
            // Who asked may have gone.
            match question {
                Question::Plan { key, index, reply } => _ = reply.send(self.plan(&key, index)),
                Question::IsSettled { name, reply } => {
                    let found = rows::settled(&self.connection, name).map_err(|error| self.unusable(&error));
                    let _ = reply.send(found.map(|found| found.map(Box::new)));
                }
            }
        }
    }

    fn unusable(&self, error: &rusqlite::Error) -> Unusable {
        Unusable { place: self.place.clone(), problem: told(error) }
    }

    /// What is written must be what the next run finds. What was taken away is not written to any more, nor is what it
    /// still has put over what is there now.
    fn is_in_place(&self) -> Result<(), Unusable> {
        if self.connection.is_in_place() {
            return Ok(());
        }
        self.connection.leave_alone();
        Err(Unusable { place: self.place.clone(), problem: TAKEN_AWAY.to_owned() })
    }

    fn plan(&mut self, key: &Key, index: u64) -> Result<Planned, Unusable> {
        let mut n = 0;
        loop {
            n += 1;
            let text = key.nth(n);
            let hash = rows::hash(self.campaign, &text);
            let is_under_way = self.keys.is_under_way(&text);
            let found = if is_under_way { None } else { self.find(hash, &text)? };
            let is_met = match &found {
                _ if is_under_way => true,
                Some(found) => found.run == self.run,
                // Of this run, and somebody had it forgotten.
                None => {
                    rows::was_forgotten(&self.connection, hash, self.first_id).map_err(|error| self.unusable(&error))?
                }
            };
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

    fn find(&mut self, hash: i64, key: &str) -> Result<Option<rows::Found>, Unusable> {
        if self.keys.may_be_logged(hash) {
            self.is_in_place()?;
            while fold::portion(&mut self.connection).map_err(|error| self.unusable(&error))?.is_more {}
            self.keys.all_have_rows();
            self.folds_to = None;
        }
        rows::find(&self.connection, self.campaign, key).map_err(|error| self.unusable(&error))
    }

    /// Makes some rows of a log that is long. Where that fails it stays long.
    fn shorten(&mut self) {
        if self.folds_to.is_none() && self.keys.is_long() {
            self.folds_to = fold::end(&self.connection).ok();
        }
        let Some(end) = self.folds_to.filter(|_| self.is_in_place().is_ok()) else { return };
        match fold::portion(&mut self.connection) {
            Ok(folded) if !folded.is_more || folded.last >= end => {
                self.keys.is_short_again();
                self.folds_to = None;
            }
            Ok(_) | Err(_) => {}
        }
    }

    /// Writes a batch, and tells everybody who waits to leave. Returns why endings could not be written.
    fn carry_out(&mut self, mut batch: Batch, desk: &Desk) -> Result<(), Unusable> {
        batch.put_before(std::mem::take(&mut self.owed));
        let written = self.write(&batch);
        let mut ends = Ok(());
        if written.is_err() {
            // Outcomes go first where there is room for little; what is about to leave can still be kept back.
            batch.keep_ends();
            ends = self.write(&batch);
        }
        batch.tell(&written);
        match ends {
            Ok(()) => desk.give_back(batch),
            Err(_) => self.owed = batch,
        }
        ends
    }

    fn write(&mut self, batch: &Batch) -> Result<(), Unusable> {
        if batch.is_empty() && self.seen.is_empty() {
            return Ok(());
        }
        self.is_in_place()?;
        self.commit(batch).map_err(|error| self.unusable(&error))?;
        if batch.lets_leave() {
            // Somebody may have taken it away meanwhile.
            self.is_in_place()?;
        }
        let seen = std::mem::take(&mut self.seen);
        self.keys.end(batch.over(), seen.iter().map(|seen| seen.key.as_str()));
        Ok(())
    }

    fn commit(&mut self, batch: &Batch) -> rusqlite::Result<()> {
        // The next that leaves, and is synced, takes what was written before it along.
        let needs_sync = self.syncs && batch.lets_leave();
        if self.is_syncing != needs_sync {
            self.connection.pragma_update(None, "synchronous", if needs_sync { "FULL" } else { "NORMAL" })?;
            self.is_syncing = needs_sync;
        }
        // Not by its guard: that would hold the connection, and rolls back like this one.
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let written = self.write_within(batch).and_then(|()| self.connection.execute_batch("COMMIT"));
        if written.is_err() {
            // Where the commit itself failed SQLite may have done it already.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        written
    }

    fn write_within(&self, batch: &Batch) -> rusqlite::Result<()> {
        for Seen { id, index, .. } in &self.seen {
            rows::see(&self.connection, *id, self.run, *index)?;
        }
        if batch.is_empty() {
            return Ok(());
        }
        self.connection
            .prepare_cached("INSERT INTO log (campaign, run, entries) VALUES (?1, ?2, '[' || ?3 || ']')")?
            .execute(params![self.campaign, signed(self.run), batch.text()])?;
        Ok(())
    }
}
