//! A message as a server keeps it: JSON, which the scripts read as well. Pure.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::journal::JournalRow;
use crate::journal::kept;
use crate::journal::record::{Ending, Entry, Record, Told, problem};
use crate::journal::tracker::Name;
use crate::outcome::Outcome;

/// Whether a worker has a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// Nothing of it has left.
    Claimed,
    /// It may have left.
    Left,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    pub(super) key: String,
    /// The number in its tracker, in hexadecimal: Lua's numbers are not as long.
    pub(super) nonce: String,
    pub(super) place: u64,
    pub(super) to: String,
    pub(super) tracker: Option<String>,
    pub(super) body: Option<String>,
    pub(super) state: Option<State>,
    pub(super) worker: Option<u64>,
    /// When it got into its state.
    pub(super) since_ms: u64,
    pub(super) outcome: Option<i64>,
    pub(super) at_ms: u64,
    pub(super) wamid: Option<String>,
    pub(super) code: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) told: Option<String>,
    pub(super) sent_ms: Option<u64>,
    pub(super) delivered_ms: Option<u64>,
    pub(super) read_ms: Option<u64>,
    pub(super) failed_ms: Option<u64>,
    pub(super) failed_code: Option<i64>,
    pub(super) failed_told: Option<String>,
    pub(super) category: Option<String>,
    pub(super) pricing_type: Option<String>,
    pub(super) billable: Option<bool>,
}

/// What is sent, as scripts take it.
#[derive(Debug, Serialize)]
pub(super) struct Details<'e> {
    place: u64,
    to: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracker: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'e str>,
}

impl<'e> Details<'e> {
    pub(super) fn of(entry: &'e Entry) -> Self {
        Details {
            place: entry.index,
            to: &entry.recipient,
            tracker: kept::tracker_text(&entry.tracker),
            body: entry.body.as_deref(),
        }
    }
}

/// How it ended, as scripts take it.
#[derive(Debug, Serialize)]
pub(super) struct Ended<'e> {
    outcome: i64,
    at_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    wamid: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<Cow<'e, str>>,
}

impl<'e> Ended<'e> {
    pub(super) fn of(ending: &'e Ending<'_>) -> Self {
        Ended {
            outcome: kept::number(ending.outcome),
            at_ms: ending.at_ms,
            wamid: ending.wamid.as_deref(),
            code: ending.code,
            reason: ending.reason.as_deref(),
            told: ending.told.as_ref().and_then(Told::text),
        }
    }
}

/// The number in a tracker, as it is kept.
pub(super) fn nonce_text(nonce: u64) -> String {
    format!("{nonce:016x}")
}

/// The name that a number of a tracker belongs to.
pub(super) fn name(id: u64, nonce: &str) -> Name {
    Name { id, nonce: u64::from_str_radix(nonce, 16).unwrap_or_default() }
}

impl Message {
    /// A message that has an outcome.
    pub(super) fn record(&self, id: u64) -> Record {
        Record {
            name: name(id, &self.nonce),
            recipient: self.to.clone(),
            tracker: kept::tracker_of(self.tracker.clone()),
            ending: Ending {
                outcome: self.outcome.map_or(Outcome::Unknown, kept::outcome),
                at_ms: self.at_ms,
                wamid: self.wamid.clone().map(Cow::Owned),
                code: self.code,
                reason: self.reason.clone().map(Cow::Owned),
                told: self.told.clone().map(Told::from),
            },
        }
    }

    /// As it stands where its worker, if it has one, is there or has gone. The scripts write down the same when somebody
    /// asks for it next.
    pub(super) fn seen(mut self, is_there: impl Fn(u64) -> bool) -> Self {
        if self.state.is_some() && !self.worker.is_some_and(is_there) {
            if self.state == Some(State::Left) {
                let Ending { outcome, at_ms, code, reason, .. } = Ending::interrupted(self.since_ms);
                self.outcome = Some(kept::number(outcome));
                (self.at_ms, self.code, self.told) = (at_ms, code, None);
                self.reason = reason.map(Cow::into_owned);
            }
            (self.state, self.worker) = (None, None);
        }
        self
    }

    /// Its outcome; none of one that is under way or was never sent.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        if self.state == Some(State::Left) { None } else { self.outcome.map(kept::outcome) }
    }

    pub(super) fn row(self, id: u64) -> Option<JournalRow> {
        let outcome = self.outcome()?.name().to_owned();
        let tracker = match self.tracker {
            None => Some(name(id, &self.nonce).tracker()),
            Some(text) => Some(text).filter(|text| text != kept::NO_TRACKER),
        };
        Some(JournalRow {
            position: id,
            key: self.key,
            index: self.place,
            to: self.to,
            tracker,
            outcome,
            at_ms: self.at_ms,
            id: self.wamid,
            code: self.code,
            reason: self.reason,
            problem: self.told.as_deref().and_then(problem),
            message: self.body.and_then(|body| serde_json::from_str(&body).ok()),
            sent_at_ms: self.sent_ms,
            delivered_at_ms: self.delivered_ms,
            read_at_ms: self.read_ms,
            failed_at_ms: self.failed_ms,
            failed_code: self.failed_code,
            failed_problem: self.failed_told,
            category: self.category,
            pricing_type: self.pricing_type,
            billable: self.billable,
        })
    }
}
