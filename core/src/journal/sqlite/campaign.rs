//! Beginning a run of a campaign: one at a time, on the number and at the API that it began with.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::fold;
use super::keys::Keys;
use super::layout::KIND;
use super::rows;
use crate::error::Result;
use crate::journal::{About, kept};
use crate::outcome::Outcome;
use crate::store::Unusable;
use crate::store::sqlite::{OpenFile, RunLock, connect, signed, told};

/// Whoever ends a run needs a moment to let go of the file.
const LOCK_WAIT: Duration = Duration::from_secs(1);

const OTHER_NAMES: &str = "has a second name (a hard link), by which SQLite would not find what was written last: remove that \
                           name, or make it a copy of its own";

/// A run that has begun.
pub(super) struct Begun {
    pub(super) file: OpenFile,
    pub(super) lock: RunLock,
    pub(super) campaign: i64,
    pub(super) run: u64,
    pub(super) next_id: u64,
}

pub(super) fn begin(path: &Path, name: &str, about: &About, now_ms: u64) -> Result<Begun> {
    let unusable = |problem: String| Unusable { place: path.display().to_string(), problem };
    let mut file = connect(path, &KIND).map_err(unusable)?;
    // Pages that change all the time are then moved into the file less often: some 32 MB of log at most.
    file.pragma_update(None, "wal_autocheckpoint", 8_000).map_err(|error| unusable(told(&error)))?;
    let Some(lock) = RunLock::take(&file, LOCK_WAIT).map_err(unusable)? else {
        let holder = holder(&file).map_err(|error| unusable(told(&error)))?;
        return Err(unusable(format!("is in use: {holder} sends with it. Wait for its end, or stop it")).into());
    };
    if file.has_other_names() {
        return Err(unusable(OTHER_NAMES.to_owned()).into());
    }
    let begun = start(&mut file, path, name, about, now_ms).map_err(|error| unusable(told(&error)))??;
    let [campaign, run, next_id] = begun;
    Ok(Begun { file, lock, campaign, run: run.unsigned_abs(), next_id: next_id.unsigned_abs() })
}

fn holder(connection: &Connection) -> rusqlite::Result<String> {
    let newest = "SELECT pid, name FROM campaign WHERE pid IS NOT NULL ORDER BY pid_since_ms DESC LIMIT 1";
    let found = connection.query_row(newest, [], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?)));
    Ok(match found.optional()? {
        Some((pid, name)) if pid == std::process::id() => {
            format!("this process ({pid}), in another bulk (campaign {name}),")
        }
        Some((pid, name)) => format!("process {pid} (campaign {name})"),
        None => "another process".to_owned(),
    })
}

/// The campaign's id, the run, and the next message's id.
fn start(
    connection: &mut Connection,
    path: &Path,
    name: &str,
    about: &About,
    now_ms: u64,
) -> rusqlite::Result<Result<[i64; 3]>> {
    // It takes a second for a million messages, and finds a damage before anything is sent.
    let health: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if health != "ok" {
        let problem = format!("cannot be used: it is damaged ({health})");
        return Ok(Err(Unusable { place: path.display().to_string(), problem }.into()));
    }
    fold::settle_left_over(connection, now_ms)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let known = transaction
        .query_row("SELECT id, phone_number_id, origin, runs FROM campaign WHERE name = ?1", params![name], |row| {
            let about = About { phone_number_id: row.get(1)?, origin: row.get(2)?, total: about.total };
            Ok((row.get::<_, i64>(0)?, about, row.get::<_, i64>(3)?))
        })
        .optional()?;
    let pid = std::process::id();
    let (campaign, run) = match known {
        Some((campaign, before, _)) if !before.is_same(about) && went_out(&transaction, campaign)? => {
            return Ok(Err(before.conflict(name, about)));
        }
        Some((campaign, _, runs)) => {
            transaction.execute(
                "UPDATE campaign SET phone_number_id = ?2, origin = ?3, runs = ?4, total = coalesce(?5, total), pid = ?6,
                     pid_since_ms = ?7 WHERE id = ?1",
                params![
                    campaign,
                    about.phone_number_id,
                    about.origin,
                    runs + 1,
                    about.total.map(signed),
                    pid,
                    signed(now_ms)
                ],
            )?;
            (campaign, runs + 1)
        }
        None => {
            transaction.execute(
                "INSERT INTO campaign (name, phone_number_id, origin, begun_ms, runs, total, pid, pid_since_ms)
                 VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?4)",
                params![name, about.phone_number_id, about.origin, signed(now_ms), about.total.map(signed), pid],
            )?;
            (transaction.last_insert_rowid(), 1)
        }
    };
    let last = |sql: &str| transaction.query_row(sql, [], |row| row.get::<_, Option<i64>>(0));
    let next_id = last("SELECT max(id) FROM message")?.unwrap_or(0) + 1;
    transaction.commit()?;
    Ok(Ok([campaign, run, next_id]))
}

/// Whether anybody may have got a message of the campaign. One that was begun with a wrong number or address, which refused
/// everything, goes on with the right one.
fn went_out(connection: &Connection, campaign: i64) -> rusqlite::Result<bool> {
    let [accepted, unknown] = [Outcome::Accepted, Outcome::Unknown].map(kept::number);
    let sql = "SELECT EXISTS (SELECT 1 FROM message WHERE campaign = ?1 AND outcome IN (?2, ?3))";
    connection.query_row(sql, params![campaign, accepted, unknown], |row| row.get(0))
}

/// The keys that the file has, for whoever takes new ones.
pub(super) fn keys(begun: &Begun) -> rusqlite::Result<Keys> {
    let count = begun.file.query_row("SELECT count(*) FROM lookup", [], |row| row.get::<_, i64>(0))?;
    let keys = Keys::new(usize::try_from(count).unwrap_or_default(), begun.next_id);
    rows::each_hash(&begun.file, |hash| keys.add_row(hash))?;
    Ok(keys)
}
