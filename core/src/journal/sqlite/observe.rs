//! What webhooks tell of messages of a file.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::fold;
use super::log::Intended;
use super::rows::{self, Of, unsigned};
use crate::journal::Observed;
use crate::journal::kept::{self, NO_TRACKER};
use crate::journal::news::{JournalNews, Step};
use crate::journal::record::Ending;
use crate::journal::tracker::Name;
use crate::outcome::Outcome;
use crate::store::sqlite::signed;

/// Takes all in, in one transaction: together with a delivery of Meta's that is answered once.
pub(super) fn all(connection: &mut Connection, news: &[JournalNews], now_ms: u64) -> rusqlite::Result<Observed> {
    let mut observed = Observed::default();
    fold::all(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // What was added meanwhile: from here on nobody adds anything.
    fold::within(&transaction, usize::MAX)?;
    for news in news {
        match news.step() {
            Some((step, wamid)) => one(&transaction, news, step, wamid, now_ms, &mut observed)?,
            None => observed.others += 1,
        }
    }
    transaction.commit()?;
    Ok(observed)
}

fn one(
    connection: &Connection,
    news: &JournalNews,
    step: Step,
    wamid: &str,
    now_ms: u64,
    observed: &mut Observed,
) -> rusqlite::Result<()> {
    let at_ms = news.at_ms(now_ms);
    let Some(id) = find(connection, news, wamid, at_ms)? else {
        observed.others += 1;
        return Ok(());
    };
    if settle(connection, id, wamid, at_ms)? {
        observed.settled += 1;
    }
    let is_new = note(connection, id, news, step, at_ms)?;
    let count = match step {
        _ if !is_new => &mut observed.repeated,
        Step::Sent => &mut observed.sent,
        Step::Delivered => &mut observed.delivered,
        Step::Read => &mut observed.read,
        Step::Failed => &mut observed.failed,
    };
    *count += 1;
    Ok(())
}

/// The row of the message that a status is about. One that is under way gets it now.
fn find(connection: &Connection, news: &JournalNews, wamid: &str, at_ms: u64) -> rusqlite::Result<Option<u64>> {
    let tracker = news.tracker.as_deref();
    if let Some(name) = tracker.and_then(Name::of_tracker) {
        let mut statement = connection.prepare_cached("SELECT 1 FROM message WHERE id = ?1 AND nonce = ?2")?;
        if statement.exists(params![signed(name.id), signed(name.nonce)])? {
            return Ok(Some(name.id));
        }
        return under_way(connection, at_ms, |intended| intended.id == name.id && intended.nonce == name.nonce);
    }
    // With a tracker of the sender's own, or none: by the id, if the answer told it.
    let mut statement = connection.prepare_cached("SELECT id FROM message WHERE wamid = ?1 AND tracker IS NOT NULL")?;
    let known = statement.query_row(params![wamid], |row| unsigned(row, 0)).optional()?;
    let Some(tracker) = tracker.filter(|tracker| known.is_none() && *tracker != NO_TRACKER) else { return Ok(known) };
    match under_way(connection, at_ms, |intended| {
        intended.tracker.as_deref() == Some(tracker) && news.is_for(&intended.to)
    })? {
        Some(id) => Ok(Some(id)),
        None => by_own_tracker(connection, news, tracker),
    }
}

/// By a tracker that the sender made, who may have given the same to several: only where there is no doubt.
fn by_own_tracker(connection: &Connection, news: &JournalNews, tracker: &str) -> rusqlite::Result<Option<u64>> {
    let mut statement =
        connection.prepare_cached("SELECT id, recipient FROM message WHERE tracker = ?1 AND wamid IS NULL")?;
    let mut found = statement.query(params![tracker])?;
    let mut only = None;
    while let Some(row) = found.next()? {
        if news.is_for(&row.get::<_, String>(1)?) && only.replace(unsigned(row, 0)?).is_some() {
            return Ok(None);
        }
    }
    Ok(only)
}

/// A message that may have left and has not ended: it becomes a row, which is unknown until it is settled. How it ends stays to
/// be told; an accepted message never becomes another one.
fn under_way(
    connection: &Connection,
    at_ms: u64,
    is_it: impl Fn(&Intended<'_>) -> bool,
) -> rusqlite::Result<Option<u64>> {
    let mut found = fold::open(connection)?.into_iter().filter(|(_, intended)| is_it(intended));
    // Two that cannot be told apart are left alone.
    let (Some((of, intended)), None) = (found.next(), found.next()) else { return Ok(None) };
    let entry = intended.entry();
    rows::write(connection, Of { run: 0, ..of }, &entry, &Ending::interrupted(at_ms))?;
    rows::look_up(connection, rows::hash(of.campaign, &entry.key), entry.name.id)?;
    Ok(Some(entry.name.id))
}

/// A status proves that Meta took the message, whatever was thought of it.
fn settle(connection: &Connection, id: u64, wamid: &str, at_ms: u64) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached(
        "UPDATE message SET outcome = ?2, wamid = coalesce(wamid, ?3), at_ms = ?4, code = NULL, reason = NULL, told = NULL
         WHERE id = ?1 AND outcome <> ?2",
    )?;
    let accepted = kept::number(Outcome::Accepted);
    Ok(statement.execute(params![signed(id), accepted, wamid, signed(at_ms)])? > 0)
}

/// Writes a step down, if it is new, and what it costs.
fn note(connection: &Connection, id: u64, news: &JournalNews, step: Step, at_ms: u64) -> rusqlite::Result<bool> {
    let column = match step {
        Step::Sent => "sent_ms",
        Step::Delivered => "delivered_ms",
        Step::Read => "read_ms",
        Step::Failed => "failed_ms",
    };
    let mut statement =
        connection.prepare_cached(&format!("UPDATE message SET {column} = ?2 WHERE id = ?1 AND {column} IS NULL"))?;
    let is_new = statement.execute(params![signed(id), signed(at_ms)])? > 0;
    if step == Step::Failed && is_new {
        connection
            .prepare_cached("UPDATE message SET failed_code = ?2, failed_told = ?3 WHERE id = ?1")?
            .execute(params![signed(id), news.code, news.problem])?;
    }
    if news.category.is_some() {
        connection
            .prepare_cached("UPDATE message SET category = ?2, pricing_type = ?3, billable = ?4 WHERE id = ?1")?
            .execute(params![signed(id), news.category, news.pricing_type, news.billable])?;
    }
    Ok(is_new)
}
