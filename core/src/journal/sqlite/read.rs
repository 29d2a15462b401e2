//! What people read in a file, and what is forgotten.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::fold;
use super::rows::unsigned;
use crate::journal::kept::{self, NO_TRACKER};
use crate::journal::report::{Cost, Gathered, Report};
use crate::journal::tracker::Name;
use crate::journal::{JournalRow, Purge};
use crate::outcome::Outcome;
use crate::store::sqlite::signed;

pub(super) fn campaigns(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM campaign ORDER BY id")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

pub(super) fn note(connection: &Connection, campaign: &str) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT note FROM campaign WHERE name = ?1";
    Ok(connection.query_row(sql, params![campaign], |row| row.get(0)).optional()?.flatten())
}

pub(super) fn set_note(connection: &Connection, campaign: &str, note: &str) -> rusqlite::Result<bool> {
    Ok(connection.execute("UPDATE campaign SET note = ?2 WHERE name = ?1", params![campaign, note])? > 0)
}

pub(super) fn report(connection: &Connection, campaign: &str, place: String) -> rusqlite::Result<Option<Report>> {
    // One moment of a file that others write.
    let moment = connection.unchecked_transaction()?;
    let head = moment.query_row(
        "SELECT id, phone_number_id, origin, begun_ms, runs, total FROM campaign WHERE name = ?1",
        params![campaign],
        |row| {
            let mut report = Report { place, campaign: campaign.to_owned(), ..Report::default() };
            report.phone_number_id = row.get(1)?;
            report.origin = row.get(2)?;
            report.begun_at_ms = unsigned(row, 3)?;
            report.runs = unsigned(row, 4)?;
            report.total = row.get::<_, Option<i64>>(5)?.map(i64::unsigned_abs);
            Ok((row.get::<_, i64>(0)?, report))
        },
    );
    let Some((id, mut report)) = head.optional()? else { return Ok(None) };
    let mut gathered = Gathered::default();
    let mut statement = moment
        .prepare("SELECT outcome, at_ms, sent_ms, delivered_ms, read_ms, failed_ms FROM message WHERE campaign = ?1")?;
    let mut messages = statement.query(params![id])?;
    while let Some(row) = messages.next()? {
        let time = |at| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(i64::unsigned_abs));
        gathered.add(kept::outcome(row.get(0)?), unsigned(row, 1)?, [time(2)?, time(3)?, time(4)?, time(5)?]);
    }
    report.in_flight = under_way(&moment, id)?;
    gathered.tell(&mut report);
    let mut statement = moment.prepare(
        "SELECT outcome, code, reason, count(*), min(told) FROM message WHERE campaign = ?1 AND outcome <> ?2
         GROUP BY outcome, code, reason",
    )?;
    let mut reasons = statement.query(params![id, kept::number(Outcome::Accepted)])?;
    while let Some(row) = reasons.next()? {
        let (outcome, code, reason) = (kept::outcome(row.get(0)?), row.get(1)?, row.get::<_, Option<String>>(2)?);
        report.add_reason(outcome.name(), code, reason.as_deref(), unsigned(row, 3)?);
    }
    let mut statement = moment.prepare(
        "SELECT failed_code, min(failed_told), count(*) FROM message WHERE campaign = ?1 AND failed_ms IS NOT NULL
         GROUP BY failed_code",
    )?;
    let mut failures = statement.query(params![id])?;
    while let Some(row) = failures.next()? {
        report.add_reason("failed", row.get(0)?, row.get::<_, Option<String>>(1)?.as_deref(), unsigned(row, 2)?);
    }
    report.sort_reasons();
    let mut statement = moment.prepare(
        "SELECT category, pricing_type, billable, count(*) FROM message WHERE campaign = ?1 AND category IS NOT NULL
         GROUP BY category, pricing_type, billable ORDER BY count(*) DESC",
    )?;
    let costs = statement.query_map(params![id], |row| {
        Ok(Cost { category: row.get(0)?, pricing_type: row.get(1)?, billable: row.get(2)?, count: unsigned(row, 3)? })
    })?;
    report.costs = costs.collect::<rusqlite::Result<_>>()?;
    Ok(Some(report))
}

/// Messages that may have left and have not ended. Of those that a webhook has told of it is known that they arrived.
fn under_way(connection: &Connection, campaign: i64) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare("SELECT EXISTS (SELECT 1 FROM message WHERE id = ?1 AND outcome = ?2)")?;
    let mut count = 0;
    for (_, intended) in fold::open(connection)?.iter().filter(|(of, _)| of.campaign == campaign) {
        let accepted = kept::number(Outcome::Accepted);
        let is_accepted = statement.query_row(params![signed(intended.id), accepted], |row| row.get::<_, bool>(0))?;
        count += u64::from(!is_accepted);
    }
    Ok(count)
}

pub(super) fn rows(
    connection: &Connection,
    campaign: &str,
    after: u64,
    limit: u32,
) -> rusqlite::Result<Vec<JournalRow>> {
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.key, m.place, m.recipient, m.nonce, m.tracker, m.outcome, m.at_ms, m.wamid, m.code, m.reason,
                m.told, m.body, m.sent_ms, m.delivered_ms, m.read_ms, m.failed_ms, m.failed_code, m.failed_told,
                m.category, m.pricing_type, m.billable
         FROM message m JOIN campaign c ON c.id = m.campaign WHERE c.name = ?1 AND m.id > ?2 ORDER BY m.id LIMIT ?3",
    )?;
    statement.query_map(params![campaign, signed(after), limit], row)?.collect()
}

fn row(row: &Row<'_>) -> rusqlite::Result<JournalRow> {
    let id = unsigned(row, 0)?;
    let time = |at| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(i64::unsigned_abs));
    let tracker = match row.get::<_, Option<String>>(5)? {
        None => Some(Name { id, nonce: unsigned(row, 4)? }.tracker()),
        Some(text) => Some(text).filter(|text| text != NO_TRACKER),
    };
    let body: Option<String> = row.get(12)?;
    Ok(JournalRow {
        position: id,
        key: row.get(1)?,
        index: unsigned(row, 2)?,
        to: row.get(3)?,
        tracker,
        outcome: kept::outcome(row.get(6)?).name().to_owned(),
        at_ms: unsigned(row, 7)?,
        id: row.get(8)?,
        code: row.get(9)?,
        reason: row.get(10)?,
        problem: row.get::<_, Option<String>>(11)?.as_deref().and_then(crate::journal::record::problem),
        message: body.and_then(|body| serde_json::from_str(&body).ok()),
        sent_at_ms: time(13)?,
        delivered_at_ms: time(14)?,
        read_at_ms: time(15)?,
        failed_at_ms: time(16)?,
        failed_code: row.get(17)?,
        failed_problem: row.get(18)?,
        category: row.get(19)?,
        pricing_type: row.get(20)?,
        billable: row.get(21)?,
    })
}

/// Forgets messages that have an outcome, and says how many. The hashes of their keys stay until the next time, where asked.
pub(super) fn purge(
    connection: &mut Connection,
    campaign: Option<&str>,
    purge: &Purge,
    now_ms: u64,
    keeps_keys: bool,
) -> rusqlite::Result<u64> {
    let before_ms = purge.older_than_ms.map(|age_ms| signed(now_ms.saturating_sub(age_ms)));
    let transaction = connection.transaction()?;
    let removed = transaction.execute(
        "DELETE FROM message
         WHERE (?1 IS NULL OR campaign = (SELECT id FROM campaign WHERE name = ?1))
           AND (?2 IS NULL OR recipient = ?2) AND (?3 IS NULL OR at_ms < ?3)",
        params![campaign, purge.recipient, before_ms],
    )?;
    if !keeps_keys {
        transaction.execute("DELETE FROM lookup WHERE id NOT IN (SELECT id FROM message)", [])?;
    }
    transaction.commit()?;
    // Pages that are free and the log still have what was removed: the file is written anew, and the log emptied. Somebody
    // who uses the file can prevent that; then it is left to the next time.
    let anew = connection.execute_batch("VACUUM");
    let _ = anew.and_then(|()| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    Ok(removed as u64)
}
