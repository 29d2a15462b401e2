//! Rows of messages: writing them, reading them, finding them.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::journal::kept::{number, outcome, tracker_of, tracker_text};
use crate::journal::record::{Ending, Entry, Record, Told};
use crate::journal::tracker::Name;
use crate::outcome::Outcome;
use crate::store::sqlite::signed;

/// Where a key is looked for: shorter than the key, and the index as well.
pub(super) fn hash(campaign: i64, key: &str) -> i64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(key.as_bytes(), campaign.unsigned_abs()).cast_signed()
}

/// What a message belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of {
    pub(super) campaign: i64,
    pub(super) run: u64,
}

/// Writes how a message ended. What a webhook has told meanwhile stays: an accepted message never becomes another one.
pub(super) fn write(connection: &Connection, of: Of, entry: &Entry, ending: &Ending<'_>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO message (id, campaign, key, place, run, nonce, tracker, recipient, body,
                              outcome, at_ms, wamid, code, reason, told)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (id) DO UPDATE SET
             place = excluded.place, run = excluded.run, tracker = excluded.tracker, recipient = excluded.recipient, body = coalesce(excluded.body, body),
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
        signed(entry.name.nonce),
        tracker_text(&entry.tracker),
        entry.recipient,
        entry.body,
        number(ending.outcome),
        signed(ending.at_ms),
        ending.wamid.as_deref(),
        ending.code,
        ending.reason.as_deref(),
        ending.told.as_ref().and_then(Told::text).as_deref(),
    ])?;
    Ok(())
}

/// A message that is known, and the run that told of it last.
pub(super) struct Found {
    pub(super) record: Record,
    pub(super) run: u64,
}

/// A message by its key.
pub(super) fn find(connection: &Connection, campaign: i64, key: &str) -> rusqlite::Result<Option<Found>> {
    let mut statement = connection.prepare_cached("SELECT id FROM lookup WHERE hash = ?1")?;
    let looked_up = statement.query_map(params![hash(campaign, key)], |row| unsigned(row, 0))?;
    let ids: Vec<u64> = looked_up.collect::<rusqlite::Result<_>>()?;
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

/// The last message that had a key, be it forgotten or not; 0 for none.
pub(super) fn last_looked_up(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT coalesce(max(id), 0) FROM lookup", [], |row| unsigned(row, 0))
}

/// Whether a message from an id on had a key and was forgotten.
pub(super) fn was_forgotten(connection: &Connection, hash: i64, from: u64) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM lookup WHERE hash = ?1 AND id >= ?2 AND NOT EXISTS (SELECT 1 FROM message WHERE id = lookup.id)",
    )?;
    statement.exists(params![hash, signed(from)])
}

/// A message that was accepted, by its name. Whoever settles one writes its row, so the log need not be looked through.
pub(super) fn settled(connection: &Connection, name: Name) -> rusqlite::Result<Option<Record>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, nonce, tracker, recipient, outcome, at_ms, wamid, code, reason, told FROM message
         WHERE id = ?1 AND nonce = ?2 AND outcome = ?3",
    )?;
    let values = params![signed(name.id), signed(name.nonce), number(Outcome::Accepted)];
    statement.query_row(values, record).optional()
}

/// Lets a message be found by its key.
pub(super) fn look_up(connection: &Connection, hash: i64, id: u64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("INSERT OR IGNORE INTO lookup (hash, id) VALUES (?1, ?2)")?;
    statement.execute(params![hash, signed(id)])?;
    Ok(())
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
            wamid: row.get::<_, Option<String>>(6)?.map(Cow::Owned),
            code: row.get(7)?,
            reason: row.get::<_, Option<String>>(8)?.map(Cow::Owned),
            told: row.get::<_, Option<String>>(9)?.map(Told::from),
        },
    })
}

/// A known message was met again in this run.
pub(super) fn see(connection: &Connection, id: u64, run: u64, index: u64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("UPDATE message SET run = ?2, place = ?3 WHERE id = ?1")?;
    statement.execute(params![signed(id), signed(run), signed(index)])?;
    Ok(())
}
