//! The sending: rows in, results out, until there are none or somebody stops it.

use std::collections::HashMap;
use std::io::{self, IsTerminal as _, Write as _};

use serde_json::{Value, json};
use wacloud::bulk::{Bar, Bulk, BulkOptions, BulkProgress, BulkResult};
use wacloud::journal::Journal;
use wacloud::outcome::Outcome;
use wacloud::{Client, Error};

use super::check::Checked;
use super::plan::Plan;
use super::source::{Rows, Source};
use crate::exit::{self, Failure};
use crate::interrupt::Interrupts;
use crate::reason::{Reason, Tally};

/// Messages that are handed over together.
const BATCH: usize = 64;

/// What became of a bulk.
pub(crate) struct Ended {
    pub(crate) progress: BulkProgress,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) was_interrupted: bool,
    pub(crate) stopped_by: Option<Error>,
}

/// The rows that can be sent.
struct Feed<'f> {
    rows: Option<Rows>,
    plan: &'f Plan,
    bad: std::iter::Peekable<std::slice::Iter<'f, u64>>,
    /// Rows taken, and how many there are to take.
    taken: u64,
    most: u64,
}

struct Item {
    line: u64,
    to: String,
    json: Value,
}

impl Feed<'_> {
    fn next(&mut self) -> Result<Option<Item>, Failure> {
        while self.taken < self.most {
            let Some(row) = self.rows.as_mut().map(Rows::next_row).transpose()?.flatten() else { break };
            let ordinal = self.taken;
            self.taken += 1;
            if self.bad.next_if(|bad| **bad == ordinal).is_some() {
                continue;
            }
            // It was checked a moment ago; what was changed since then is told by core, as a message with mistakes.
            let planned = row.cells.ok().and_then(|cells| self.plan.fill(&cells).ok());
            let (arguments, to, key) = planned
                .map_or(("{}".to_owned(), String::new(), None), |planned| (planned.arguments, planned.to, planned.key));
            let arguments: Value = serde_json::from_str(&arguments).unwrap_or_default();
            let json = match key {
                Some(key) => json!([self.plan.operation, arguments, key]),
                None => json!([self.plan.operation, arguments]),
            };
            return Ok(Some(Item { line: row.line, to, json }));
        }
        self.rows = None;
        Ok(None)
    }
}

/// Who is under way, by the index that core counts with.
#[derive(Default)]
struct UnderWay {
    pushed: u64,
    rows: HashMap<u64, (u64, String)>,
}

/// What is written on a campaign once it has begun.
pub(crate) struct Note {
    pub(crate) journal: Journal,
    pub(crate) text: String,
}

/// Sends the rows that can be sent, and tells each result if `json`.
pub(crate) async fn run(
    client: Client,
    (source, plan, checked): (&Source, &Plan, &Checked),
    options: &BulkOptions,
    mut note: Option<Note>,
    json: bool,
) -> Result<Ended, Failure> {
    let mut interrupts = Interrupts::listen().map_err(|error| {
        Failure::new(exit::FAILED, format!("cannot listen for signals: {error}. Nothing was sent."))
    })?;
    let bulk = Bulk::start(client, options);
    let mut feed =
        Feed { rows: Some(source.rows()?), plan, bad: checked.bad.iter().peekable(), taken: 0, most: checked.rows };
    let mut bar = io::stderr().is_terminal().then(Bar::new);
    let mut out = io::stdout();
    let (mut under_way, mut tally) = (UnderWay::default(), Tally::default());
    let mut interrupted = 0_u32;
    // What ends the program early (a file that cannot be read on, nobody who reads the output) first lets end what is in
    // flight.
    let mut failure = None;
    if let Err(error) = push(&bulk, &mut feed, &mut under_way) {
        stop(&bulk, &mut failure, error);
    }
    loop {
        tokio::select! {
            biased;
            () = interrupts.next(), if interrupted < 2 => {
                interrupted += 1;
                say(bar.as_ref(), interrupted);
                if interrupted == 1 { bulk.stop() } else { bulk.cancel() }
            }
            chunk = bulk.next() => {
                let Some(chunk) = chunk else { break };
                // A result says that the campaign is this one's: before, it could be one that another process is sending.
                if let Some(Note { journal, text }) = note.take()
                    && let Err(error) = journal.set_note(&text).await
                {
                    warn(bar.as_ref(), &format!("`wacloud resume` will not know this campaign: {error}"));
                }
                for result in chunk.results {
                    let (line, to) = under_way.rows.remove(&result.index).unwrap_or_default();
                    if let Err(error) = &result.result {
                        tally.add(error, line);
                    }
                    if json && failure.is_none() && let Err(error) = writeln!(out, "{}", told(&result, line, &to)) {
                        stop(&bulk, &mut failure, error.into());
                    }
                }
                if bulk.is_stopped() {
                    bulk.finish();
                } else if let Err(error) = push(&bulk, &mut feed, &mut under_way) {
                    stop(&bulk, &mut failure, error);
                }
            }
            progress = bulk.next_progress(), if bar.is_some() => if let Some(bar) = &mut bar {
                bar.show(&progress);
            }
        }
    }
    let progress = bulk.progress();
    if let Some(mut bar) = bar {
        bar.show(&progress);
        bar.finish();
    }
    // A journal that could not be opened.
    if let (0, Some(error)) = (progress.done, bulk.stopped_by()) {
        let Failure { message, code } = Failure::from(error);
        return Err(match error {
            Error::Store { .. } => Failure::new(exit::NOT_SENT, format!("{message} Nothing was sent.")),
            _ => Failure::new(code, message),
        });
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(Ended {
            progress,
            reasons: tally.into_reasons(),
            was_interrupted: interrupted > 0,
            stopped_by: bulk.stopped_by().cloned(),
        }),
    }
}

fn stop(bulk: &Bulk, failure: &mut Option<Failure>, error: Failure) {
    failure.get_or_insert(error);
    bulk.stop();
}

/// Fills the room that there is.
fn push(bulk: &Bulk, feed: &mut Feed<'_>, under_way: &mut UnderWay) -> Result<(), Failure> {
    let mut room = bulk.room();
    while room > 0 {
        let mut batch = Vec::new();
        while batch.len() < room.min(BATCH) {
            let Some(item) = feed.next()? else { break };
            under_way.rows.insert(under_way.pushed, (item.line, item.to));
            under_way.pushed += 1;
            batch.push(item.json);
        }
        if batch.is_empty() {
            bulk.finish();
            return Ok(());
        }
        room = bulk.push_json(&Value::from(batch).to_string())?;
    }
    Ok(())
}

/// A result as a line: what core tells, and where the row stands.
fn told(result: &BulkResult, line: u64, to: &str) -> Value {
    let mut told = json!({"line": line, "to": to});
    if let (Value::Object(told), Ok(Value::Object(own))) = (&mut told, serde_json::to_value(result)) {
        told.extend(own);
    }
    told
}

fn say(bar: Option<&Bar>, interrupted: u32) {
    match interrupted {
        1 => warn(bar, "stopping; what is in flight ends. Ctrl-C again ends it at once."),
        _ => warn(bar, "ending at once; what was in flight may be unknown."),
    }
}

#[expect(clippy::print_stderr, reason = "for the person at the terminal")]
fn warn(bar: Option<&Bar>, text: &str) {
    // Below the bar's line.
    let newline = if bar.is_some() { "\n" } else { "" };
    eprintln!("{newline}wacloud: {text}");
}

/// The exit code of a bulk.
pub(crate) fn code(ended: &Ended) -> u8 {
    let BulkProgress { rejected, not_sent, unknown, .. } = ended.progress;
    let by_outcome = [(unknown, Outcome::Unknown), (rejected, Outcome::Rejected), (not_sent, Outcome::NotSent)];
    if ended.was_interrupted {
        return exit::INTERRUPTED;
    }
    let worst = by_outcome.into_iter().find(|(count, _)| *count > 0).map(|(_, outcome)| exit::of_outcome(outcome));
    worst.unwrap_or(exit::DONE)
}
