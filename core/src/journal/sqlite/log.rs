//! What a row of the log says: which messages may leave, and how others ended, in the order in which that happened. JSON, so
//! that people can read it, too.

use std::borrow::Cow;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::journal::kept::{number, outcome, tracker_of, tracker_text};
use crate::journal::record::{Ending, Entry};
use crate::journal::tracker::Name;

/// Something that happened to a message.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step<'a> {
    /// It may leave from now on.
    Leaves(Intended<'a>),
    /// It ended, or an attempt came to nothing.
    Ended(Ended<'a>),
}

/// A message, as whoever finds it in the log has to know it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Intended<'a> {
    pub(super) id: u64,
    pub(super) nonce: u64,
    pub(super) key: Cow<'a, str>,
    pub(super) index: u64,
    pub(super) to: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tracker: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Cow<'a, str>>,
}

impl<'a> From<&'a Entry> for Intended<'a> {
    fn from(entry: &'a Entry) -> Self {
        Intended {
            id: entry.name.id,
            nonce: entry.name.nonce,
            key: Cow::Borrowed(&entry.key),
            index: entry.index,
            to: Cow::Borrowed(&entry.recipient),
            tracker: tracker_text(&entry.tracker).map(Cow::Borrowed),
            body: entry.body.as_deref().map(Cow::Borrowed),
        }
    }
}

impl Intended<'_> {
    pub(super) fn entry(self) -> Entry {
        Entry {
            name: Name { id: self.id, nonce: self.nonce },
            key: self.key.into_owned(),
            index: self.index,
            recipient: self.to.into_owned(),
            tracker: tracker_of(self.tracker.map(Cow::into_owned)),
            body: self.body.map(Cow::into_owned),
            may_have_left: AtomicBool::default(),
        }
    }
}

/// How a message ended.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ended<'a> {
    pub(super) id: u64,
    outcome: i64,
    at_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wamid: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    /// JSON in itself, which is not wrapped once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told: Option<Cow<'a, RawValue>>,
    /// Of one that the log does not say of that it leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Intended<'a>>,
}

impl<'a> Ended<'a> {
    /// The ending of a message; who did not leave, as far as the log knows, stands there with it.
    pub(super) fn new(entry: &'a Entry, ending: &'a Ending, has_left: bool) -> Self {
        Ended {
            id: entry.name.id,
            outcome: number(ending.outcome),
            at_ms: ending.at_ms,
            wamid: ending.wamid.as_deref().map(Cow::Borrowed),
            code: ending.code,
            reason: ending.reason.as_deref().map(Cow::Borrowed),
            told: ending.told.as_deref().and_then(|told| serde_json::from_str(told).ok()).map(Cow::Borrowed),
            message: (!has_left).then(|| Intended::from(entry)),
        }
    }

    pub(super) fn ending(self) -> Ending {
        Ending {
            outcome: outcome(self.outcome),
            at_ms: self.at_ms,
            wamid: self.wamid.map(Cow::into_owned),
            code: self.code,
            reason: self.reason.map(Cow::into_owned),
            told: self.told.map(|told| told.get().to_owned()),
        }
    }
}

/// The steps of a row. One that cannot be read must not look like one without messages: they may have left.
pub(super) fn steps(text: &str) -> rusqlite::Result<Vec<Step<'static>>> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))
}

/// The text of a row.
pub(super) fn text(steps: &[Step<'_>]) -> rusqlite::Result<String> {
    serde_json::to_string(steps).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}
