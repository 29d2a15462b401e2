//! The log, turned into rows of messages.

use std::collections::BTreeMap;

use rusqlite::{Connection, TransactionBehavior, params};

use super::log::{self, Intended, Step};
use super::rows::{self, Of, unsigned};
use crate::journal::record::Ending;
use crate::store::sqlite::signed;

/// So many ends in one transaction, or one row with more: some 10 ms, for which whoever sends may have to wait. A row has what
/// happened in a few milliseconds, so more only of a window of thousands.
const PORTION: usize = 1_000;

/// Messages that may have left and whose end the log does not tell, by their id, and in which run.
type Open = BTreeMap<u64, (Of, Intended<'static>)>;

/// Turns all of the log into rows, a portion at a time.
pub(super) fn all(connection: &mut Connection) -> rusqlite::Result<()> {
    while portion(connection)?.is_more {
        // Whoever sends waits for its turn with ever longer pauses, and would not get one between two portions.
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    Ok(())
}

/// How far a portion came.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// The last row that was read.
    pub(super) last: i64,
    pub(super) is_more: bool,
}

/// Turns a portion of it into rows.
pub(super) fn portion(connection: &mut Connection) -> rusqlite::Result<Folded> {
    // Most who ask have nothing to do, and need not wait for anybody.
    if is_empty(connection)? {
        return Ok(Folded::default());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let folded = within(&transaction, PORTION)?;
    transaction.commit()?;
    Ok(folded)
}

/// The last row that there is.
pub(super) fn end(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(id), 0) FROM log", [], |row| row.get(0))
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM log)")?;
    statement.query_row([], |row| row.get(0))
}

/// The same in a transaction of the caller's. What is open at its end stays in the log, in the place of the last row that
/// was read.
pub(super) fn within(connection: &Connection, at_most: usize) -> rusqlite::Result<Folded> {
    let mut open = Open::new();
    let mut hashes = Vec::new();
    let mut end_count = 0;
    let mut folded = Folded::default();
    {
        let mut statement = connection.prepare_cached("SELECT id, campaign, run, entries FROM log ORDER BY id")?;
        let mut log = statement.query([])?;
        while let Some(row) = log.next()? {
            if end_count >= at_most {
                folded.is_more = true;
                break;
            }
            let of = Of { campaign: row.get(1)?, run: unsigned(row, 2)? };
            let steps = log::steps(row.get_ref(3)?.as_str()?)?;
            folded.last = row.get(0)?;
            for step in steps {
                end_count += usize::from(matches!(step, Step::Ended(_)));
                take(connection, of, step, &mut open, &mut hashes)?;
            }
        }
    }
    // In their order: neighbours share pages of the index.
    hashes.sort_unstable();
    for (hash, id) in hashes {
        rows::look_up(connection, hash, id)?;
    }
    connection.prepare_cached("DELETE FROM log WHERE id <= ?1")?.execute(params![folded.last])?;
    keep(connection, folded.last, open)?;
    Ok(folded)
}

/// One step: a message that leaves is open, one that ends gets its row.
fn take(
    connection: &Connection,
    of: Of,
    step: Step<'static>,
    open: &mut Open,
    hashes: &mut Vec<(i64, u64)>,
) -> rusqlite::Result<()> {
    match step {
        Step::Leaves(intended) => _ = open.insert(intended.id, (of, intended)),
        Step::Ended(mut ended) => {
            let known = open.remove(&ended.id);
            let known = ended.message.take().map(|message| (of, message)).or(known);
            // No log of ours says so; of whom it speaks nobody knows.
            let Some((of, intended)) = known else { return Ok(()) };
            let entry = intended.entry();
            hashes.push((rows::hash(of.campaign, &entry.key), entry.name.id));
            rows::write(connection, of, &entry, &ended.ending())?;
        }
    }
    Ok(())
}

/// Puts what is open back, in rows up to `last`: one for each run, which never are more than the rows that were read.
fn keep(connection: &Connection, last: i64, open: Open) -> rusqlite::Result<()> {
    let mut of_runs: BTreeMap<(i64, u64), Vec<Step<'static>>> = BTreeMap::new();
    for (of, intended) in open.into_values() {
        of_runs.entry((of.campaign, of.run)).or_default().push(Step::Leaves(intended));
    }
    let mut statement =
        connection.prepare_cached("INSERT INTO log (id, campaign, run, entries) VALUES (?1, ?2, ?3, ?4)")?;
    for (id, ((campaign, run), steps)) in (1..=last).rev().zip(of_runs) {
        statement.execute(params![id, campaign, signed(run), log::text(&steps)?])?;
    }
    Ok(())
}

/// What may have left and has not ended, of the log as it is.
pub(super) fn open(connection: &Connection) -> rusqlite::Result<Vec<(Of, Intended<'static>)>> {
    let mut open = Open::new();
    let mut statement = connection.prepare_cached("SELECT campaign, run, entries FROM log ORDER BY id")?;
    let mut log = statement.query([])?;
    while let Some(row) = log.next()? {
        let of = Of { campaign: row.get(0)?, run: unsigned(row, 1)? };
        for step in log::steps(row.get_ref(2)?.as_str()?)? {
            match step {
                Step::Leaves(intended) => _ = open.insert(intended.id, (of, intended)),
                Step::Ended(ended) => _ = open.remove(&ended.id),
            }
        }
    }
    Ok(open.into_values().collect())
}

/// Gives everything that is open an end: unknown. For whoever is sure that nobody sends.
pub(super) fn settle_left_over(connection: &mut Connection, now_ms: u64) -> rusqlite::Result<()> {
    all(connection)?;
    if is_empty(connection)? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    within(&transaction, usize::MAX)?;
    for (of, intended) in open(&transaction)? {
        let entry = intended.entry();
        let hash = rows::hash(of.campaign, &entry.key);
        // It counts as met in no run: whoever begins the next one shall hear of it.
        rows::write(&transaction, Of { run: 0, ..of }, &entry, &Ending::interrupted(now_ms))?;
        rows::look_up(&transaction, hash, entry.name.id)?;
    }
    transaction.execute("DELETE FROM log", [])?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::record::{Entry, GivenTracker};
    use crate::journal::sqlite::layout::KIND;
    use crate::journal::sqlite::log::Ended;
    use crate::journal::tracker::Name;
    use crate::outcome::Outcome;

    const OF: Of = Of { campaign: 1, run: 1 };

    fn file() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(KIND.schema).unwrap();
        connection
    }

    fn entry(id: u64) -> Entry {
        Entry {
            name: Name { id, nonce: id + 7 },
            key: format!("key {id}"),
            index: id - 1,
            recipient: "+15550001234".to_owned(),
            tracker: GivenTracker::None,
            body: None,
            may_have_left: false.into(),
        }
    }

    fn ending(outcome: Outcome) -> Ending<'static> {
        Ending { outcome, at_ms: 5, wamid: None, code: None, reason: None, told: None }
    }

    fn leaves(entry: &Entry) -> Step<'_> {
        Step::Leaves(Intended::from(entry))
    }

    fn log(connection: &Connection, of: Of, steps: &[Step<'_>]) {
        let values = params![of.campaign, signed(of.run), log::text(steps).unwrap()];
        connection.execute("INSERT INTO log (campaign, run, entries) VALUES (?1, ?2, ?3)", values).unwrap();
    }

    /// Every message's id, outcome and run.
    fn messages(connection: &Connection) -> Vec<(u64, i64, u64)> {
        let mut statement = connection.prepare("SELECT id, outcome, run FROM message ORDER BY id").unwrap();
        let rows = statement.query_map([], |row| Ok((unsigned(row, 0)?, row.get(1)?, unsigned(row, 2)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn still_open(connection: &Connection) -> Vec<u64> {
        open(connection).unwrap().iter().map(|(_, intended)| intended.id).collect()
    }

    #[test]
    fn what_ended_gets_a_row_and_what_left_stays_in_the_log() {
        let mut connection = file();
        let (one, two, three) = (entry(1), entry(2), entry(3));
        let (accepted, not_sent) = (ending(Outcome::Accepted), ending(Outcome::NotSent));
        log(&connection, OF, &[leaves(&one), leaves(&two)]);
        // It never came to leave: it stands in its end.
        log(&connection, OF, &[Step::Ended(Ended::new(&three, &not_sent, false))]);
        log(&connection, OF, &[Step::Ended(Ended::new(&one, &accepted, true))]);
        assert_eq!(still_open(&connection), [2]);
        all(&mut connection).unwrap();
        assert_eq!(messages(&connection), [(1, 3, 1), (3, 0, 1)]);
        assert_eq!(still_open(&connection), [2]);
        for known in [&one, &three] {
            assert!(rows::find(&connection, OF.campaign, &known.key).unwrap().is_some());
        }
        // What comes later comes after what was left.
        log(&connection, OF, &[Step::Ended(Ended::new(&two, &accepted, true))]);
        all(&mut connection).unwrap();
        assert_eq!((messages(&connection).len(), end(&connection).unwrap()), (3, 0));
    }

    #[test]
    fn an_attempt_that_came_to_nothing_is_not_open_until_the_next_one() {
        let mut connection = file();
        let (one, repeated) = (entry(1), Ending::repeated(5));
        log(&connection, OF, &[leaves(&one), Step::Ended(Ended::new(&one, &repeated, true))]);
        all(&mut connection).unwrap();
        assert_eq!((messages(&connection), still_open(&connection)), (vec![(1, 0, 1)], vec![]));
        log(&connection, OF, &[leaves(&one)]);
        settle_left_over(&mut connection, 9).unwrap();
        assert_eq!((messages(&connection), still_open(&connection)), (vec![(1, 2, 0)], vec![]));
    }

    #[test]
    fn a_long_log_gets_on_in_portions_whatever_stays_open() {
        let mut connection = file();
        let entries: Vec<Entry> = (1..=3_000).map(entry).collect();
        let accepted = ending(Outcome::Accepted);
        for batch in entries.chunks(100) {
            log(&connection, OF, &batch.iter().map(leaves).collect::<Vec<_>>());
        }
        // Some of another run, which never ended.
        let other = entry(5_000);
        log(&connection, Of { campaign: 2, run: 4 }, &[leaves(&other)]);
        for batch in entries.chunks(100) {
            let ends = batch.iter().map(|entry| Step::Ended(Ended::new(entry, &accepted, true)));
            log(&connection, OF, &ends.collect::<Vec<_>>());
        }
        let mut portions = 1;
        while portion(&mut connection).unwrap().is_more {
            portions += 1;
        }
        assert!((3..=60).contains(&portions), "{portions}");
        assert_eq!((messages(&connection).len(), still_open(&connection)), (3_000, vec![5_000]));
        settle_left_over(&mut connection, 9).unwrap();
        assert!(rows::find(&connection, 2, &other.key).unwrap().is_some());
        assert!(is_empty(&connection).unwrap());
    }

    #[test]
    fn what_a_webhook_told_meanwhile_stays() {
        let mut connection = file();
        let one = entry(1);
        log(&connection, OF, &[leaves(&one)]);
        rows::write(&connection, Of { run: 0, ..OF }, &one, &ending(Outcome::Accepted)).unwrap();
        let unknown = ending(Outcome::Unknown);
        log(&connection, OF, &[Step::Ended(Ended::new(&one, &unknown, true))]);
        all(&mut connection).unwrap();
        assert_eq!(messages(&connection), [(1, 3, 1)]);
    }

    #[test]
    fn a_log_that_cannot_be_read_is_an_error() {
        let mut connection = file();
        connection.execute("INSERT INTO log (campaign, run, entries) VALUES (1, 1, 'x')", []).unwrap();
        assert!(all(&mut connection).is_err() && open(&connection).is_err());
    }
}
