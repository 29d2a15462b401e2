//! Rows of messages: writing them, reading them, finding them.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::journal::kept::{number, outcome, tracker_of, tracker_text};
use crate::journal::record::{Ending, Entry, Record};
use crate::journal::tracker::Name;
use crate::store::sqlite::signed;

/// Where a key is looked for: shorter than the key, and the index as well.
pub(super) fn hash(campaign: i64, key: &str) -> i64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(key.as_bytes(), campaign.unsigned_abs()).cast_signed()
}

/// A message within the row of an intent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Intended {
    pub(super) id: u64,
    pub(super) nonce: u64,
    pub(super) key: String,
    pub(super) index: u64,
    pub(super) to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tracker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
}

impl From<&Entry> for Intended {
    fn from(entry: &Entry) -> Self {
        Intended {
            id: entry.name.id,
            nonce: entry.name.nonce,
            key: entry.key.clone(),
            index: entry.index,
            to: entry.recipient.clone(),
            tracker: tracker_text(&entry.tracker).map(str::to_owned),
            body: entry.body.clone(),
        }
    }
}

impl Intended {
    pub(super) fn entry(self) -> Entry {
        Entry {
            name: Name { id: self.id, nonce: self.nonce },
            key: self.key,
            index: self.index,
            recipient: self.to,
            tracker: tracker_of(self.tracker),
            body: self.body,
            // Whoever was not may be it once more.
            is_new: true,
        }
    }
}

/// Which run and which intent an outcome belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of {
    pub(super) campaign: i64,
    pub(super) run: u64,
    /// 0 where it never came to one.
    pub(super) intent: u64,
}

/// Writes how a message ended. What a webhook has told meanwhile stays: an accepted message never becomes another one.
pub(super) fn write(connection: &Connection, of: Of, entry: &Entry, ending: &Ending) -> rusqlite::Result<()> {
    if entry.is_new {
        connection
            .prepare_cached("INSERT OR IGNORE INTO fresh (id, hash) VALUES (?1, ?2)")?
            .execute(params![signed(entry.name.id), hash(of.campaign, &entry.key)])?;
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO message (id, campaign, key, place, run, intent, nonce, tracker, recipient, body,
                              outcome, at_ms, wamid, code, reason, told)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT (id) DO UPDATE SET
             place = excluded.place, run = excluded.run, intent = max(intent, excluded.intent),
             tracker = excluded.tracker, recipient = excluded.recipient, body = coalesce(excluded.body, body),
             outcome = iif(outcome = 3, 3, excluded.outcome),
             at_ms = iif(outcome = 3 AND excluded.outcome <> 3, at_ms, excluded.at_ms),
             wamid = coalesce(wamid, excluded.wamid),
             code = iif(outcome = 3, NULL, excluded.code),
             reason = iif(outcome = 3, NULL, excluded.reason),
             told = iif(outcome = 3 AND excluded.outcome <> 3, told, excluded.told)",
    )?;
    statement.execute(params![
        signed(entry.name.id),
        of.campaign,
        entry.key,
        signed(entry.index),
        signed(of.run),
        signed(of.intent),
        signed(entry.name.nonce),
        tracker_text(&entry.tracker),
        entry.recipient,
        entry.body,
        number(ending.outcome),
        signed(ending.at_ms),
        ending.wamid,
        ending.code,
        ending.reason,
        ending.told,
    ])?;
    Ok(())
}

/// A message that is known, and the run that told of it last.
pub(super) struct Found {
    pub(super) record: Record,
    pub(super) run: u64,
}

/// A message by its key: one of those that are looked up by its hash, or one of `fresh`, which the caller knows.
pub(super) fn find(
    connection: &Connection,
    campaign: i64,
    key: &str,
    fresh: impl Iterator<Item = u64>,
) -> rusqlite::Result<Option<Found>> {
    let mut statement = connection.prepare_cached("SELECT id FROM lookup WHERE hash = ?1")?;
    let looked_up = statement.query_map(params![hash(campaign, key)], |row| unsigned(row, 0))?;
    let ids: Vec<u64> = looked_up.chain(fresh.map(Ok)).collect::<rusqlite::Result<_>>()?;
    let mut statement = connection.prepare_cached(
        "SELECT id, nonce, tracker, recipient, outcome, at_ms, wamid, code, reason, told, run FROM message
         WHERE id = ?1 AND campaign = ?2 AND key = ?3",
    )?;
    for id in ids {
        let row = statement.query_row(params![signed(id), campaign, key], |row| {
            Ok(Found { record: record(row)?, run: unsigned(row, 10)? })
        });
        if let Some(found) = row.optional()? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Makes everything that is fresh one of those that are looked up, in the order of the hashes: neighbours share pages.
pub(super) fn gather(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .execute_batch("INSERT OR IGNORE INTO lookup SELECT hash, id FROM fresh ORDER BY hash; DELETE FROM fresh;")
}

/// The hashes of everything that is looked up.
pub(super) fn each_hash(connection: &Connection, mut take: impl FnMut(i64)) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT hash FROM lookup")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take(row.get(0)?);
    }
    Ok(())
}

pub(super) fn unsigned(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(at)?.unsigned_abs())
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        name: Name { id: unsigned(row, 0)?, nonce: unsigned(row, 1)? },
        tracker: tracker_of(row.get(2)?),
        recipient: row.get(3)?,
        ending: Ending {
            outcome: outcome(row.get(4)?),
            at_ms: unsigned(row, 5)?,
            wamid: row.get(6)?,
            code: row.get(7)?,
            reason: row.get(8)?,
            told: row.get(9)?,
        },
    })
}

/// A known message was met again in this run.
pub(super) fn see(connection: &Connection, id: u64, run: u64, index: u64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("UPDATE message SET run = ?2, place = ?3 WHERE id = ?1")?;
    statement.execute(params![signed(id), signed(run), signed(index)])?;
    Ok(())
}

/// Gives everything that stands in an intent and has no outcome for it one: unknown. For whoever is sure that nobody sends.
pub(super) fn settle_left_over(connection: &Connection, now_ms: u64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT id, campaign, entries FROM intent ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (intent, campaign, text) = (unsigned(row, 0)?, row.get(1)?, row.get::<_, String>(2)?);
        for intended in entries(&text)? {
            if !is_ended(connection, intended.id, intent)? {
                let of = Of { campaign, run: 0, intent };
                write(connection, of, &intended.entry(), &Ending::interrupted(now_ms))?;
            }
        }
    }
    connection.execute("DELETE FROM intent", [])?;
    Ok(())
}

/// The messages of an intent's row. One that cannot be read must not look like one without messages: they may have left.
pub(super) fn entries(text: &str) -> rusqlite::Result<Vec<Intended>> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))
}

/// Whether a message has an outcome that belongs to this intent or a later one.
pub(super) fn is_ended(connection: &Connection, id: u64, intent: u64) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached("SELECT intent >= ?2 FROM message WHERE id = ?1")?;
    let ended = statement.query_row(params![signed(id), signed(intent)], |row| row.get::<_, bool>(0)).optional()?;
    Ok(ended.unwrap_or_default())
}
