//! What happened: the ledger of accepted messages, the log of requests, the counters.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use bytes::Bytes;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::customer::Price;
use crate::fault::{FaultKind, same_recipient};

/// How many requests the log remembers.
const REQUESTS_KEPT: usize = 100_000;

/// An accepted message.
#[derive(Debug, Clone, Serialize)]
pub struct AcceptedMessage {
    /// Its message id.
    pub id: String,
    /// Counts accepted messages from 0.
    pub index: u64,
    /// When it was accepted, in milliseconds since 1970.
    pub at: u64,
    /// The business phone number that sent it.
    pub phone_number_id: String,
    /// The recipient as it was written: a number, a user id or a group id.
    pub to: String,
    /// The WhatsApp account that gets it, unless it goes to a user id or a group.
    pub wa_id: Option<String>,
    /// The business-scoped user id it goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The group it goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// The message's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// `biz_opaque_callback_data`.
    pub tracker: Option<String>,
    /// The body as it was sent.
    pub payload: Json,
    /// The request id of the answer that accepted it.
    pub request_id: String,
    /// What became of it so far.
    pub status: MessageStatus,
    /// Why it failed: the error object of its `failed` status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// What it costs.
    #[serde(skip)]
    pub(crate) price: Price,
}

/// What became of an accepted message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageStatus {
    /// Taken in, nothing told yet.
    Accepted,
    /// It left Meta.
    Sent,
    /// It is on a device.
    Delivered,
    /// It was shown.
    Read,
    /// A voice message was played.
    Played,
    /// It did not arrive.
    Failed,
}

impl AcceptedMessage {
    /// The account, user id or group that it reached.
    pub(crate) fn reached(&self) -> &str {
        let reached = [&self.wa_id, &self.user_id, &self.group_id].into_iter().flatten().next();
        reached.map_or(self.to.as_str(), String::as_str)
    }
}

/// JSON text, kept as it came.
#[derive(Debug, Clone)]
pub struct Json(pub(crate) Bytes);

impl Json {
    /// The text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The value.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.0).unwrap_or_default()
    }
}

impl Serialize for Json {
    /// As JSON if it is, as a string otherwise, `null` when there is nothing.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return serializer.serialize_none();
        }
        match serde_json::from_slice::<&RawValue>(&self.0) {
            Ok(raw) => raw.serialize(serializer),
            Err(_) => serializer.serialize_str(&String::from_utf8_lossy(&self.0)),
        }
    }
}

/// A request to the API, answered or not.
#[derive(Debug, Clone, Serialize)]
pub struct LoggedRequest {
    /// Counts requests from 0.
    pub index: u64,
    /// When its last byte was read, in milliseconds since 1970.
    pub at: u64,
    /// HTTP method.
    pub method: String,
    /// Path with the query.
    pub path: String,
    /// Its headers; the token is left out.
    pub headers: HeaderLines,
    /// The body: JSON, text, or null.
    pub body: Json,
    /// The status of the answer; null when the connection was cut instead.
    pub status: Option<u16>,
    /// The fault that hit it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultKind>,
    /// Why the sandbox's own rules refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    /// Counts connections from 0.
    pub connection: u64,
}

/// The error a request was answered with.
#[derive(Debug, Clone, Serialize)]
pub struct Refusal {
    /// Graph's error code.
    pub code: i64,
    /// `error.message`.
    pub message: String,
    /// `error.error_data.details`.
    pub details: Option<String>,
}

/// Headers, as the lines `name: value`: small to keep.
#[derive(Debug, Clone)]
pub struct HeaderLines(pub(crate) Box<str>);

impl HeaderLines {
    /// Name (lower case) and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.lines().filter_map(|line| line.split_once(": "))
    }

    /// The first value under this lower-case name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

impl Serialize for HeaderLines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// What was counted since the start or the last reset. Exact, also beyond what the ledger remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Requests to the API.
    pub requests: u64,
    /// Connections opened, control and page included.
    pub connections: u64,
    /// Messages accepted.
    pub accepted: u64,
    /// Accepted messages whose tracker an earlier one carried.
    pub duplicate_trackers: u64,
    /// Refusals by the sandbox's own rules, by Graph code.
    pub refused: BTreeMap<i64, u64>,
    /// Faults that hit, by kind.
    pub faults: BTreeMap<FaultKind, u64>,
    /// Messages that customers wrote.
    pub incoming: u64,
    /// POSTs to the webhook, repeats included.
    pub webhooks: u64,
    /// Those of them that were not answered with 200.
    pub webhooks_failed: u64,
}

/// Which messages to show.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageFilter {
    /// The recipient, as sent or as `wa_id`, user id or group id; punctuation does not count.
    pub to: Option<String>,
    /// The tracker.
    pub tracker: Option<String>,
    /// The type.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Only messages with a greater index.
    pub after: Option<u64>,
    /// Only so many, the newest.
    pub limit: Option<usize>,
}

/// Which requests to show.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFilter {
    /// Only requests with a greater index.
    pub after: Option<u64>,
    /// Only requests that the sandbox's own rules refused (`true`), or only others (`false`).
    pub refused: Option<bool>,
    /// Only so many, the newest.
    pub limit: Option<usize>,
}

impl RequestFilter {
    fn lets(&self, request: &LoggedRequest) -> bool {
        self.after.is_none_or(|after| request.index > after)
            && self.refused.is_none_or(|refused| request.refused.is_some() == refused)
    }
}

impl MessageFilter {
    fn lets(&self, message: &AcceptedMessage) -> bool {
        let same = |wanted: &str| {
            [Some(&message.to), message.wa_id.as_ref()].into_iter().flatten().any(|known| same_recipient(known, wanted))
        };
        self.after.is_none_or(|after| message.index > after)
            && self.kind.as_ref().is_none_or(|kind| *kind == message.kind)
            && self.tracker.as_ref().is_none_or(|tracker| Some(tracker) == message.tracker.as_ref())
            && self.to.as_deref().is_none_or(same)
    }
}

/// Ledger, log and counters.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    messages: VecDeque<Arc<AcceptedMessage>>,
    requests: VecDeque<Arc<LoggedRequest>>,
    /// Hashes, so that a long run stays small: 64 bits hold some ten million trackers before a false repeat is likely.
    trackers: HashSet<u64>,
    pub(crate) counters: Counters,
    /// How often the status of a message changed.
    pub(crate) changes: u64,
}

impl Ledger {
    /// Takes a message in and gives it its index.
    pub(crate) fn accept(&mut self, mut message: AcceptedMessage, keep: usize) -> u64 {
        let index = self.counters.accepted;
        message.index = index;
        self.counters.accepted += 1;
        if let Some(tracker) = &message.tracker {
            let mut hasher = DefaultHasher::new();
            tracker.hash(&mut hasher);
            if !self.trackers.insert(hasher.finish()) {
                self.counters.duplicate_trackers += 1;
            }
        }
        while self.messages.len() >= keep {
            self.messages.pop_front();
        }
        self.messages.push_back(Arc::new(message));
        index
    }

    /// The message of this index, unless it is forgotten.
    pub(crate) fn message(&self, index: u64) -> Option<&Arc<AcceptedMessage>> {
        self.messages.get(offset(self.messages.front()?.index, index)?)
    }

    /// Writes down what became of a message.
    pub(crate) fn change(&mut self, index: u64, change: impl FnOnce(&mut AcceptedMessage)) {
        let place = self.messages.front().and_then(|first| offset(first.index, index));
        if let Some(message) = place.and_then(|place| self.messages.get_mut(place)) {
            change(Arc::make_mut(message));
            self.changes += 1;
        }
    }

    /// The newest message that reached this account, user id or group.
    pub(crate) fn newest_to(&self, key: &str) -> Option<&Arc<AcceptedMessage>> {
        self.messages.iter().rev().find(|message| message.reached() == key)
    }

    pub(crate) fn messages(&self, filter: &MessageFilter) -> Vec<Arc<AcceptedMessage>> {
        newest(&self.messages, filter.limit, |message| filter.lets(message))
    }

    pub(crate) fn was_sent(&self, id: &str) -> bool {
        self.messages.iter().any(|message| message.id == id)
    }

    /// Logs a request that has been read, not answered yet.
    pub(crate) fn log(&mut self, mut request: LoggedRequest) -> u64 {
        let index = self.counters.requests;
        request.index = index;
        self.counters.requests += 1;
        if self.requests.len() >= REQUESTS_KEPT {
            self.requests.pop_front();
        }
        self.requests.push_back(Arc::new(request));
        index
    }

    /// Writes down what became of a request, unless the log has been reset since.
    pub(crate) fn settle(&mut self, index: u64, change: impl FnOnce(&mut LoggedRequest)) {
        let place = self.requests.front().and_then(|first| offset(first.index, index));
        if let Some(request) = place.and_then(|place| self.requests.get_mut(place)) {
            change(Arc::make_mut(request));
        }
    }

    pub(crate) fn requests(&self, filter: &RequestFilter) -> Vec<Arc<LoggedRequest>> {
        newest(&self.requests, filter.limit, |request| filter.lets(request))
    }
}

/// Where in a list without gaps an index stands.
fn offset(first: u64, index: u64) -> Option<usize> {
    usize::try_from(index.checked_sub(first)?).ok()
}

/// The newest `limit` items for which `lets` holds, oldest first.
pub(crate) fn newest<T>(items: &VecDeque<Arc<T>>, limit: Option<usize>, lets: impl Fn(&T) -> bool) -> Vec<Arc<T>> {
    let chosen = items.iter().rev().filter(|item| lets(item)).cloned();
    let mut chosen: Vec<Arc<T>> = chosen.take(limit.unwrap_or(usize::MAX)).collect();
    chosen.reverse();
    chosen
}
