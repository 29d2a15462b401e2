//! How a campaign went. Pure.

use serde::Serialize;

use crate::graph::codes;
use crate::outcome::Outcome;

/// How a campaign went: what became of its messages, why some failed, how fast it was, what it costs.
///
/// Numbers from webhooks (sent, delivered, read, failed, costs) are those that [`observe`](super::Journal::observe) was
/// told of.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema), schemars(rename = "JournalReport"))]
pub struct Report {
    /// The campaign's name.
    pub campaign: String,
    /// The file, or the server's host.
    pub place: String,
    /// The number that it is sent from.
    pub phone_number_id: String,
    /// The API that it is sent to.
    pub origin: String,
    /// When it began, in milliseconds since 1970.
    pub begun_at_ms: u64,
    /// When the last outcome was learnt, in milliseconds since 1970.
    pub last_at_ms: Option<u64>,
    /// How often it was begun or resumed.
    pub runs: u64,
    /// How many messages there are, if the last run knew that; at least as many as the journal knows.
    pub total: Option<u64>,
    /// How many messages the journal knows.
    pub messages: u64,
    /// How many Meta accepted.
    pub accepted: u64,
    /// How many Meta refused.
    pub rejected: u64,
    /// How many certainly did not reach Meta.
    pub not_sent: u64,
    /// Of how many it is not known whether Meta accepted them.
    pub unknown: u64,
    /// How many are on their way at this moment.
    pub in_flight: u64,
    /// How many left Meta's servers.
    pub sent: u64,
    /// How many reached a device. One that was read was delivered.
    pub delivered: u64,
    /// How many were read, of people who let others know.
    pub read: u64,
    /// How many were accepted and failed later.
    pub failed: u64,
    /// Why messages were rejected, failed, were not sent or are unknown; the most frequent first.
    pub reasons: Vec<Reason>,
    /// How many were accepted, delivered, read and failed in which time.
    pub times: Times,
    /// What Meta counts them as.
    pub costs: Vec<Cost>,
}

/// Why messages did not arrive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema), schemars(rename = "JournalReason"))]
pub struct Reason {
    /// `rejected`, `failed` (after it was accepted), `not_sent` or `unknown`.
    pub outcome: String,
    /// Graph's code, of those that Meta gave.
    pub code: Option<i64>,
    /// What it is.
    pub title: String,
    /// How many messages.
    pub count: u64,
    /// What to do.
    pub help: String,
}

/// Counts over time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema), schemars(rename = "JournalTimes"))]
pub struct Times {
    /// How long each bucket is, in milliseconds.
    pub bucket_ms: u64,
    /// The buckets that have something in them, in their order.
    pub buckets: Vec<Bucket>,
}

/// What happened in a piece of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema), schemars(rename = "JournalBucket"))]
pub struct Bucket {
    /// When it begins, in milliseconds since 1970.
    pub at_ms: u64,
    /// How many were accepted.
    pub accepted: u64,
    /// How many were delivered.
    pub delivered: u64,
    /// How many were read.
    pub read: u64,
    /// How many failed.
    pub failed: u64,
}

/// One of its counts.
type Count = fn(&mut Bucket) -> &mut u64;

impl Bucket {
    fn accepted(&mut self) -> &mut u64 {
        &mut self.accepted
    }

    fn delivered(&mut self) -> &mut u64 {
        &mut self.delivered
    }

    fn read(&mut self) -> &mut u64 {
        &mut self.read
    }

    fn failed(&mut self) -> &mut u64 {
        &mut self.failed
    }
}

/// What Meta counts messages as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema), schemars(rename = "JournalCost"))]
pub struct Cost {
    /// `marketing`, `utility`, `authentication`, `service`, …
    pub category: String,
    /// `regular`, `free_customer_service` or `free_entry_point`.
    pub pricing_type: Option<String>,
    /// Whether they cost anything.
    pub billable: Option<bool>,
    /// How many messages.
    pub count: u64,
}

impl Report {
    /// Counts messages that ended for a reason: a code of Graph's, else a stable word.
    pub(super) fn add_reason(&mut self, outcome: &str, code: Option<i64>, reason: Option<&str>, count: u64) {
        let row = code.and_then(codes::lookup);
        let (title, help) = match (row, reason) {
            (Some(row), _) => (row.title.to_owned(), row.help.to_owned()),
            (None, Some(reason)) => {
                let known = WORDS.iter().find(|(word, ..)| *word == reason);
                known.map_or((reason.to_owned(), String::new()), |(_, title, help)| {
                    // The same word may stand for what never left and for what may have.
                    let help = if outcome == Outcome::Unknown.name() { SETTLED_LATER } else { help };
                    ((*title).to_owned(), help.to_owned())
                })
            }
            (None, None) => ("Without a reason".to_owned(), String::new()),
        };
        self.reasons.push(Reason { outcome: outcome.to_owned(), code, title, count, help });
    }

    pub(super) fn sort_reasons(&mut self) {
        self.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    }
}

const SEND_AGAIN: &str = "Run it again: nothing of these was sent.";
const SETTLED_LATER: &str =
    "They may have arrived and are not sent again. Status webhooks settle them: give them to observe.";

/// Stable words, what they are, what to do.
const WORDS: &[(&str, &str, &str)] = &[
    ("connection", "No connection", SEND_AGAIN),
    ("timeout", "No answer in time", SETTLED_LATER),
    ("max_wait", "Waited too long for the rate limit", "Run it again, or allow a longer max_wait."),
    ("cancelled", "Cancelled", SEND_AGAIN),
    ("stopped", "Stopped before its turn", SEND_AGAIN),
    ("claimed", "Another worker had it", "Look at what became of it there, or run it again."),
    ("repeating", "Interrupted before another attempt", SEND_AGAIN),
    ("token", "No access token", "Look at the function that gives the access token, and run it again."),
    ("ValidationError", "Mistakes in the message", "Correct the list, and run it again."),
    ("ConfigError", "Wrong settings", "Correct the settings, and run it again."),
    ("StoreError", "The journal could not be written", "Make room for it, and run it again."),
    ("InternalError", "A defect in wacloud", "Please report it."),
    ("interrupted", "The process ended before the answer came", SETTLED_LATER),
    ("connection_lost", "The connection was lost after it was sent", SETTLED_LATER),
    ("server_error", "Meta answered with an error that says nothing", SETTLED_LATER),
    ("broken_answer", "Mostly accepted: the answer had no id", SETTLED_LATER),
];

/// Counts over all messages of a campaign, in bounded memory.
#[derive(Debug)]
pub(super) struct Gathered {
    outcomes: [u64; 4],
    steps: [u64; 4],
    last_at_ms: u64,
    bucket_ms: u64,
    buckets: std::collections::BTreeMap<u64, Bucket>,
}

impl Default for Gathered {
    fn default() -> Self {
        Gathered {
            outcomes: [0; 4],
            steps: [0; 4],
            last_at_ms: 0,
            bucket_ms: WIDTHS_MS[0],
            buckets: std::collections::BTreeMap::new(),
        }
    }
}

/// So many buckets show enough.
const MOST_BUCKETS: usize = 120;
/// From a second to thirty days, each a multiple of the one before.
const WIDTHS_MS: [u64; 9] = [1_000, 5_000, 15_000, 60_000, 300_000, 3_600_000, 21_600_000, 86_400_000, 30 * 86_400_000];

impl Gathered {
    /// One message: its outcome and when, and when it was sent, delivered, read and failed.
    pub(super) fn add(&mut self, outcome: Outcome, at_ms: u64, steps: [Option<u64>; 4]) {
        self.outcomes[place(outcome)] += 1;
        self.last_at_ms = self.last_at_ms.max(at_ms);
        let [sent, delivered, read, failed] = steps;
        let was = [sent.or(delivered).or(read), delivered.or(read), read, failed];
        for (count, was) in self.steps.iter_mut().zip(was) {
            *count += u64::from(was.is_some());
        }
        if outcome == Outcome::Accepted {
            self.at(at_ms, Bucket::accepted);
        }
        for (at_ms, of) in [(delivered, Bucket::delivered as Count), (read, Bucket::read), (failed, Bucket::failed)] {
            if let Some(at_ms) = at_ms {
                self.at(at_ms, of);
            }
        }
    }

    fn at(&mut self, at_ms: u64, of: Count) {
        let begin = at_ms - at_ms % self.bucket_ms;
        *of(self.buckets.entry(begin).or_insert(Bucket { at_ms: begin, ..Bucket::default() })) += 1;
        while self.is_too_long() && self.widen() {}
    }

    fn is_too_long(&self) -> bool {
        match (self.buckets.first_key_value(), self.buckets.last_key_value()) {
            (Some((first, _)), Some((last, _))) => (last - first) / self.bucket_ms >= MOST_BUCKETS as u64,
            _ => false,
        }
    }

    fn widen(&mut self) -> bool {
        let Some(wider) = WIDTHS_MS.iter().find(|width| **width > self.bucket_ms) else { return false };
        self.bucket_ms = *wider;
        for bucket in std::mem::take(&mut self.buckets).into_values() {
            let begin = bucket.at_ms - bucket.at_ms % self.bucket_ms;
            let into = self.buckets.entry(begin).or_insert(Bucket { at_ms: begin, ..Bucket::default() });
            into.accepted += bucket.accepted;
            into.delivered += bucket.delivered;
            into.read += bucket.read;
            into.failed += bucket.failed;
        }
        true
    }

    /// Fills in the counts. Those that are on their way have to be in already.
    pub(super) fn tell(self, report: &mut Report) {
        report.last_at_ms = (self.last_at_ms > 0).then_some(self.last_at_ms);
        [report.accepted, report.rejected, report.not_sent, report.unknown] = self.outcomes;
        [report.sent, report.delivered, report.read, report.failed] = self.steps;
        report.messages = self.outcomes.iter().sum::<u64>() + report.in_flight;
        // A shorter list of a later run does not undo what was sent before it.
        report.total = report.total.map(|total| total.max(report.messages));
        report.times = Times { bucket_ms: self.bucket_ms, buckets: self.buckets.into_values().collect() };
    }
}

fn place(outcome: Outcome) -> usize {
    match outcome {
        Outcome::Accepted => 0,
        Outcome::Rejected => 1,
        Outcome::NotSent => 2,
        Outcome::Unknown => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_was_delivered_and_sent() {
        let mut gathered = Gathered::default();
        gathered.add(Outcome::Accepted, 5_000, [None, None, Some(9_000), None]);
        gathered.add(Outcome::Accepted, 5_500, [Some(6_000), None, None, Some(7_000)]);
        gathered.add(Outcome::Unknown, 5_600, [None; 4]);
        let mut report = Report { in_flight: 1, total: Some(2), ..Report::default() };
        gathered.tell(&mut report);
        assert_eq!(report.total, Some(4));
        assert_eq!((report.messages, report.accepted, report.unknown), (4, 2, 1));
        assert_eq!((report.sent, report.delivered, report.read, report.failed), (2, 1, 1, 1));
        assert_eq!(report.times.buckets[0], Bucket { at_ms: 5_000, accepted: 2, ..Bucket::default() });
    }

    #[test]
    fn a_long_campaign_has_wide_buckets_and_loses_none() {
        let mut gathered = Gathered::default();
        for n in 0..10_000 {
            gathered.add(Outcome::Accepted, n * 60_000, [None; 4]);
        }
        let mut report = Report::default();
        gathered.tell(&mut report);
        assert!(report.times.buckets.len() <= MOST_BUCKETS, "{}", report.times.buckets.len());
        assert_eq!(report.times.buckets.iter().map(|bucket| bucket.accepted).sum::<u64>(), 10_000);
    }

    #[test]
    fn reasons_say_what_to_do() {
        let mut report = Report::default();
        report.add_reason("rejected", Some(131_026), None, 2);
        report.add_reason("unknown", None, Some("interrupted"), 3);
        report.sort_reasons();
        assert_eq!(report.reasons[0].title, "The process ended before the answer came");
        assert!(report.reasons.iter().all(|reason| !reason.help.is_empty()), "{:?}", report.reasons);
    }

    #[test]
    fn widths_are_multiples() {
        assert!(WIDTHS_MS.windows(2).all(|pair| pair[1] % pair[0] == 0));
    }
}
