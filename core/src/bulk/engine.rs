//! The window: messages in flight, and results that wait for their turn.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::lines::Lines;
use super::progress::Tally;
use crate::client::send::How;
use crate::client::stop::Stop;
use crate::client::{CallOptions, Client, SentMessage};
use crate::error::{Error, Result};
use crate::message::{Invalid, Message};
use crate::outcome::Outcome;
use crate::pace::Priority;

/// Options of a bulk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkOptions {
    /// How many messages are taken before their results are told: 1 to 10,000, 256 unless given (512 at more than 500
    /// messages a second). So many may be in flight at once.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("x-default" = "256; 512 at more than 500 messages a second", "minimum" = 1, "maximum" = WIDEST,
            "x-unit" = "messages"))
    )]
    pub window: Option<u32>,
    /// Whether results come in the order of the messages instead of as they complete. No unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = false)))]
    pub in_order: Option<bool>,
    /// The longest time for each message with all its attempts, from the moment that the rate limit lets it go. The client's
    /// `total_timeout` unless given.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("format" = "duration-ms", "x-default" = "the client's `total_timeout`",
            "exclusiveMinimum" = 0))
    )]
    pub timeout_ms: Option<u64>,
    /// The longest time that a message waits for the rate limit. As long as it takes unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("format" = "duration-ms", "x-default" = "as long as it takes")))]
    pub max_wait_ms: Option<u64>,
    /// Which messages go first when the rate limit makes them wait: `urgent`, `normal` or `low` (unless given: everything
    /// else overtakes a bulk).
    #[cfg_attr(feature = "manifest", schemars(extend("default" = "low")))]
    pub priority: Option<Priority>,
    /// How many messages there are, for `progress`: what is needed to tell the time left. Counted unless given, where the
    /// list says how long it is.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("x-default" = "counted, where the list says how long it is", "x-unit" = "messages"))
    )]
    pub total: Option<u64>,
    /// Whether a bar on stderr shows how far the bulk is: messages done, messages a second, the time left, and how many
    /// were rejected, not sent or are unknown. Where stderr is no terminal it is one line, at the end.
    #[cfg(feature = "progress")]
    #[cfg_attr(feature = "manifest", schemars(extend("default" = false)))]
    pub progress: Option<bool>,
}

impl BulkOptions {
    /// Options from JSON, as the language packages give them.
    ///
    /// # Errors
    /// [`Error::Config`] that names the option.
    pub fn from_json(json: &str) -> Result<Self> {
        let options: Self = crate::client::from_json(json)?;
        if options.window.is_some_and(|window| !(1..=WIDEST).contains(&window)) {
            return Err(Error::config("window", "must be 1 to 10,000"));
        }
        crate::client::check_timeout(options.timeout_ms)?;
        Ok(options)
    }
}

/// What became of one message of a bulk.
#[derive(Debug, Clone)]
pub struct BulkResult {
    /// The message's place in the list, from 0.
    pub index: u64,
    /// The key that the message was given.
    pub key: Option<String>,
    /// The accepted message, or why there is none.
    pub result: Result<SentMessage>,
}

impl BulkResult {
    /// Which of the four outcomes it is.
    pub fn outcome(&self) -> Outcome {
        self.result.as_ref().map_or_else(Error::outcome, |_| Outcome::Accepted)
    }
}

impl Serialize for BulkResult {
    /// As the language packages read it.
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut data = serializer.serialize_struct("BulkResult", 6)?;
        data.serialize_field("index", &self.index)?;
        data.serialize_field("key", &self.key)?;
        data.serialize_field("outcome", self.outcome().name())?;
        data.serialize_field("sent", &self.result.as_ref().ok())?;
        data.serialize_field("error", &self.result.as_ref().err().map(Error::to_value))?;
        data.serialize_field("replayed", &false)?;
        data.end()
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for BulkResult {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BulkResult".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let sent = generator.subschema_for::<SentMessage>();
        schemars::json_schema!({
            "description": "What became of one message of a bulk.",
            "type": "object",
            "properties": {
                "index": {"type": "integer", "description": "The message's place in the list, from 0."},
                "key": {"type": ["string", "null"], "description": "The key that the message was given."},
                "outcome": {
                    "enum": ["accepted", "rejected", "not_sent", "unknown"],
                    "description": "`accepted`, `rejected`, `not_sent` or `unknown`.",
                },
                "sent": {"anyOf": [sent, {"type": "null"}], "description": "The message, when it was accepted."},
                "error": {"format": "error", "description": "Why it was not, otherwise."},
                "replayed": {"type": "boolean", "description": "Whether it was told from a journal instead of being sent now."},
            },
            "required": ["index", "outcome", "replayed"],
        })
    }
}

const WINDOW: u32 = 256;
const WIDEST: u32 = 10_000;
/// For numbers that were upgraded: at 1,000 messages a second, answers that take 0.2 s would fill the other.
const FAST_WINDOW: u32 = 512;
const FAST: f64 = 500.0;

/// Messages in flight and results on their way.
pub(super) struct Engine {
    client: Client,
    how: How,
    window: usize,
    /// Only where no pace keeps the messages that are under way few.
    lines: Option<Lines>,
    in_order: bool,
    tally: Tally,
    pushed: u64,
    told: u64,
    in_flight: FuturesUnordered<BoxFuture<'static, BulkResult>>,
    /// Complete, but not yet their turn; by index. Only used in order.
    early: BTreeMap<u64, BulkResult>,
}

impl Engine {
    pub(super) fn new(client: Client, options: &BulkOptions) -> Self {
        let call = CallOptions {
            timeout_ms: options.timeout_ms,
            max_wait_ms: options.max_wait_ms,
            priority: Some(options.priority.unwrap_or(Priority::Low)),
        };
        let limits = client.limits();
        let window = if limits.per_second > FAST { FAST_WINDOW } else { WINDOW };
        Engine {
            client,
            how: How { options: call, waits_for_ever: true, ..How::default() },
            window: usize::try_from(options.window.unwrap_or(window).max(1)).unwrap_or(1),
            lines: (limits.per_second == 0.0).then(Lines::new),
            in_order: options.in_order.unwrap_or_default(),
            tally: Tally::new(options.total),
            pushed: 0,
            told: 0,
            in_flight: FuturesUnordered::new(),
            early: BTreeMap::new(),
        }
    }

    /// How many more messages are wanted now.
    pub(super) fn room(&self) -> usize {
        let untold = usize::try_from(self.pushed - self.told).unwrap_or(usize::MAX);
        if self.how.stop.is_stopped() { 0 } else { self.window.saturating_sub(untold) }
    }

    /// Takes the next message, or what stands in its place.
    pub(super) fn push(&mut self, message: std::result::Result<Message, Invalid>, key: Option<String>) {
        let index = self.pushed;
        self.pushed += 1;
        self.tally.begin(Instant::now());
        let (client, how, stop, lines) =
            (self.client.clone(), self.how.clone(), self.how.stop.clone(), self.lines.clone());
        self.in_flight.push(Box::pin(async move {
            let result = match message {
                Ok(message) => {
                    let _line = match &lines {
                        None => None,
                        Some(lines) => tokio::select! {
                            biased;
                            line = lines.take() => Some(line),
                            // Which way it ends is told by the send.
                            () = stop.stopped() => None,
                            () = how.cancel.cancelled() => None,
                        },
                    };
                    client.send_how(message, how).await
                }
                Err(invalid) => Err(client.refused("send", true, invalid)),
            };
            if let Err(error) = &result {
                stop.stop_if_pointless(error);
            }
            BulkResult { index, key, result }
        }));
    }

    /// How far it is.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Ends what has not started; what is in flight goes on.
    pub(super) fn stop(&self) -> &Stop {
        &self.how.stop
    }

    /// Ends everything at once, with the outcome that it has by then.
    pub(super) fn cancel(&self) -> &CancellationToken {
        &self.how.cancel
    }

    /// The next result; `None` when everything that was pushed is told.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<BulkResult>> {
        loop {
            if let Some(result) = self.early.remove(&self.told) {
                self.told += 1;
                return Poll::Ready(Some(result));
            }
            let next = Pin::new(&mut self.in_flight).poll_next(cx);
            if let Poll::Ready(Some(result)) = &next {
                self.tally.count(result.outcome(), Instant::now());
            }
            match next {
                Poll::Ready(Some(result)) if self.in_order && result.index != self.told => {
                    self.early.insert(result.index, result);
                }
                Poll::Ready(Some(result)) => {
                    self.told += 1;
                    return Poll::Ready(Some(result));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
