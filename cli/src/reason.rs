//! Why messages did not go, counted: for the end of a bulk and for reports.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde::Serialize;
use wacloud::{Error, NotSentReason};

use crate::term::{self, Paint, grouped};

/// A reason and how many messages had it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Reason {
    /// `rejected`, `not_sent`, `unknown`; in reports also `failed`: accepted, and failed afterwards.
    pub(crate) outcome: String,
    /// Graph's code, if there is one.
    pub(crate) code: Option<i64>,
    /// A few words.
    pub(crate) title: String,
    pub(crate) count: u64,
    /// What it means and what to do.
    pub(crate) help: String,
    /// Where the first ones stand in the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) lines: Vec<u64>,
}

impl From<&wacloud::journal::Reason> for Reason {
    fn from(reason: &wacloud::journal::Reason) -> Self {
        let wacloud::journal::Reason { outcome, code, title, count, help } = reason.clone();
        Reason { outcome, code, title, count, help, lines: Vec::new() }
    }
}

/// Graph's code for any argument that it does not take.
const INVALID_PARAMETER: i64 = 100;

/// How many lines are told of a reason.
const LINES: usize = 5;

/// The outcomes that are no success, in the order in which they are told, with their names.
pub(crate) const OUTCOMES: [(&str, &str); 4] = [
    ("rejected", "Rejected by Meta"),
    ("failed", "Failed after they were accepted"),
    ("not_sent", "Not sent"),
    ("unknown", "Not known"),
];

/// Counts reasons. There are at most as many as codes.
#[derive(Debug, Default)]
pub(crate) struct Tally(HashMap<(&'static str, Option<i64>, String), Reason>);

impl Tally {
    pub(crate) fn add(&mut self, error: &Error, line: u64) {
        let (code, title, help) = of(error);
        let outcome = error.outcome().name();
        let reason = self.0.entry((outcome, code, title.clone())).or_insert_with(|| Reason {
            outcome: outcome.to_owned(),
            code,
            title,
            count: 0,
            help,
            lines: Vec::new(),
        });
        reason.count += 1;
        if reason.lines.len() < LINES {
            reason.lines.push(line);
        }
    }

    /// The most frequent first.
    pub(crate) fn into_reasons(self) -> Vec<Reason> {
        let mut all: Vec<Reason> = self.0.into_values().collect();
        // They came as they were answered.
        all.iter_mut().for_each(|reason| reason.lines.sort_unstable());
        all.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.title.cmp(&other.title)));
        all
    }
}

/// Code, title and help.
fn of(error: &Error) -> (Option<i64>, String, String) {
    let told = |title: &str, help: &str| (None, title.to_owned(), help.to_owned());
    match error {
        Error::Api(refusal) => {
            let code = refusal.error.code;
            let title = match (refusal.title.as_str(), refusal.status) {
                ("", Some(status)) if code.is_none() => format!("HTTP {status} without Meta's reasons"),
                ("", _) => refusal.error.message.clone(),
                (title, _) => title.to_owned(),
            };
            // What a code means is said of many mistakes; which one it was Meta says with the first of them.
            let said = refusal.error.details.as_deref().unwrap_or(&refusal.error.message).trim_end_matches('.');
            let help = match code {
                Some(INVALID_PARAMETER) => format!("{} Meta on the first of them: {said}.", refusal.help),
                _ => refusal.help.clone(),
            };
            (code, title, help)
        }
        Error::Validation(invalid) => {
            let first = invalid.violations.first().map(|violation| format!("{} {}", violation.path, violation.message));
            (None, "The message has mistakes".to_owned(), first.unwrap_or_default())
        }
        Error::NotSent(why) => match why.reason {
            NotSentReason::Connection => (None, "No connection".to_owned(), not_reached(&why.cause)),
            NotSentReason::TimeOut => (None, "No connection in time".to_owned(), not_reached(&why.cause)),
            NotSentReason::MaxWait => {
                told("The rate limit left no room in time", "Send them again later, or allow a longer wait.")
            }
            NotSentReason::Stopped => told("The bulk had stopped before their turn", "Nothing of them went out."),
            NotSentReason::Cancelled => told("Interrupted before they went out", "Nothing of them went out."),
            _ => (None, why.cause.clone(), "Nothing of them went out.".to_owned()),
        },
        Error::DeliveryUnknown(why) => {
            let title = match why.reason {
                "timeout" => "No answer in time",
                "connection_lost" => "The connection was lost before the answer",
                "cancelled" => "Interrupted before the answer",
                "server_error" => "The server failed without saying what became of it",
                "broken_answer" => "Mostly accepted: the answer had no id",
                other => other,
            };
            let help = "They may have been delivered, and were not repeated. Status webhooks that carry their trackers settle them.";
            (why.code, title.to_owned(), help.to_owned())
        }
        other => (None, other.class_name().to_owned(), other.to_string()),
    }
}

/// Of messages that did not get to Meta, and what was in the way of the first.
fn not_reached(cause: &str) -> String {
    let cause = cause.trim_end_matches('.');
    format!("None of these messages reached Meta, so it is safe to send them again. The first of them: {cause}.")
}

/// The reasons for people, below the names of their outcomes.
pub(crate) fn list(reasons: &[Reason], paint: Paint) -> String {
    let mut text = String::new();
    for (outcome, name) in OUTCOMES {
        let of_outcome: Vec<&Reason> = reasons.iter().filter(|reason| reason.outcome == outcome).collect();
        if of_outcome.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{}", paint.bold(name));
        for reason in of_outcome {
            let code = reason.code.map(|code| format!("{code}  ")).unwrap_or_default();
            let _ = write!(text, "  {} × {code}{}", grouped(reason.count), term::cut(&reason.title, 120));
            if !reason.lines.is_empty() {
                let lines: Vec<String> = reason.lines.iter().map(u64::to_string).collect();
                let more = if reason.count > reason.lines.len() as u64 { " …" } else { "" };
                let name = if reason.lines.len() == 1 { "line" } else { "lines" };
                let _ = write!(text, "  {}", paint.dim(&format!("({name} {}{more})", lines.join(", "))));
            }
            text.push('\n');
            if !reason.help.is_empty() {
                let _ = writeln!(text, "{}", paint.dim(&term::wrapped(&term::plain(&reason.help), 92, 6)));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_and_told_with_what_to_do() {
        let mut tally = Tally::default();
        let mistakes = Error::from(wacloud::Message::text("555", "").payload().unwrap_err());
        for line in 2..9 {
            tally.add(&mistakes, line);
        }
        tally.add(&Error::forked("send", true), 20);
        let reasons = tally.into_reasons();
        assert_eq!(reasons.iter().map(|reason| reason.count).collect::<Vec<_>>(), [7, 1]);
        let text = list(&reasons, Paint::PLAIN);
        assert!(text.contains("Not sent\n  7 × The message has mistakes  (lines 2, 3, 4, 5, 6 …)"), "{text}");
        assert!(text.contains("Not known\n  1 × forked  (line 20)\n      They may have been delivered"), "{text}");
    }
}
