//! What a client does, told while it happens: to an [`Observer`], else through `tracing` under the target `wacloud`.
//!
//! A warning is what nobody else tells: how a message ended is returned to whoever sent it, so it is no warning, whatever
//! the outcome. The token is in no event; who a message goes to and what it says only where the setting `log_content` asks
//! for it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::{Error, NotSentReason, scope_name};
use crate::graph::codes::Scope;
use crate::outcome::Outcome;

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Every step: requests, and in a bulk also waiting.
    Debug,
    /// What became of each call, and what was in its way.
    Info,
    /// Something to be changed or known, which nobody else tells.
    Warning,
}

impl Level {
    /// The level's public name: `debug`, `info` or `warning`.
    pub fn name(self) -> &'static str {
        match self {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warning => "warning",
        }
    }

    /// Whether a subscriber of `tracing` listens.
    pub(super) fn is_traced(self) -> bool {
        match self {
            Level::Debug => tracing::enabled!(target: "wacloud", tracing::Level::DEBUG),
            Level::Info => tracing::enabled!(target: "wacloud", tracing::Level::INFO),
            Level::Warning => tracing::enabled!(target: "wacloud", tracing::Level::WARN),
        }
    }
}

/// Is told what a client does: see [`Client::with_observer`](super::Client::with_observer).
///
/// It is called in the middle of sends, so it must be quick and must not panic.
pub trait Observer: Send + Sync {
    /// Whether events of this level are of interest. The others are not even made.
    fn wants(&self, level: Level) -> bool;

    /// Something happened. Events of other levels than those that are wanted do not come.
    fn observe(&self, event: &Event);
}

/// The call that an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventCall {
    /// The operation: `send_text`.
    pub operation: &'static str,
    /// The tracker of the message.
    pub tracker: Option<String>,
    /// Who the message goes to, with the setting `log_content`.
    pub to: Option<String>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The rate limit, a pause of the number or of the recipient has held a message back for a moment, and still does.
    Wait {
        /// The message.
        #[serde(flatten)]
        call: EventCall,
        /// For how long so far, in milliseconds.
        waited_ms: u64,
        /// Whether the message is one of a bulk, where waiting is as usual.
        bulk: bool,
    },
    /// A request goes out.
    Attempt {
        /// The call.
        #[serde(flatten)]
        call: EventCall,
        /// Which one of the call it is, from 1.
        attempt: u32,
        /// What it carries, with the setting `log_content`.
        body: Option<Value>,
    },
    /// A request failed in a way that allows another one, after a pause.
    Retry {
        /// The call.
        #[serde(flatten)]
        call: EventCall,
        /// Which one of the call it was, from 1.
        attempt: u32,
        /// Why, in a stable word: the `reason` that the error would have had, or `token_refused`.
        reason: &'static str,
        /// Why, for people.
        cause: Option<String>,
        /// How long the pause is, in milliseconds.
        pause_ms: u64,
        /// Whether the message may have been accepted already, so that it may arrive twice (`on_unknown`).
        may_be_twice: bool,
    },
    /// Meta refused a request because of its pace.
    Throttled {
        /// The call.
        #[serde(flatten)]
        call: EventCall,
        /// What is too fast: `pair` (this recipient), `number`, `account` or `app`.
        scope: &'static str,
        /// Graph's code, if there was one.
        code: Option<i64>,
        /// For how long Meta wants nothing more, in milliseconds, if it said so.
        retry_after_ms: Option<u64>,
    },
    /// A call has ended.
    Outcome {
        /// The call.
        #[serde(flatten)]
        call: EventCall,
        /// `accepted`, `rejected`, `not_sent` or `unknown`.
        outcome: &'static str,
        /// Whether it was to send a message.
        #[serde(skip)]
        is_message: bool,
        /// The message's id (`wamid.…`), when it was accepted.
        id: Option<String>,
        /// The class of the error: `RateLimitError`.
        error: Option<&'static str>,
        /// Why it was not sent or is unknown, in a stable word.
        reason: Option<&'static str>,
        /// Why, for people.
        cause: Option<String>,
        /// Graph's code, when Meta refused it.
        code: Option<i64>,
        /// The HTTP status, when Meta refused it.
        status: Option<u16>,
        /// Meta's name for the last request (`fbtrace_id`).
        request_id: Option<String>,
        /// How many requests it took.
        attempts: u32,
        /// How long it took in all, in milliseconds.
        elapsed_ms: u64,
    },
    /// Something to be changed or known.
    Warning {
        /// What it is about, in a stable word: `api_version`, `pace` or `journal`.
        subject: &'static str,
        /// A sentence for people.
        #[serde(skip)]
        message: String,
    },
}

impl Event {
    /// How much it matters.
    pub fn level(&self) -> Level {
        match self {
            Event::Attempt { .. } | Event::Wait { bulk: true, .. } => Level::Debug,
            Event::Wait { .. } | Event::Throttled { .. } | Event::Outcome { .. } => Level::Info,
            // The caller has asked for it, and is not told of each.
            Event::Retry { may_be_twice: true, .. } | Event::Warning { .. } => Level::Warning,
            Event::Retry { .. } => Level::Info,
        }
    }

    /// What happened, in a few words that are the same each time but for those of a warning.
    pub fn message(&self) -> &str {
        match self {
            Event::Wait { .. } => "message waits for the rate limit",
            Event::Attempt { .. } => "request goes out",
            Event::Retry { may_be_twice: true, .. } => "message is sent again though it may have been accepted",
            Event::Retry { .. } => "request is repeated after a pause",
            Event::Throttled { .. } => "Meta asks for a slower pace",
            Event::Outcome { outcome, is_message, .. } => match (*outcome, is_message) {
                ("accepted", true) => "message accepted",
                ("rejected", true) => "message rejected",
                ("not_sent", true) => "message not sent",
                (_, true) => "message may have been accepted",
                ("accepted", false) => "call carried out",
                ("rejected", false) => "call rejected",
                ("not_sent", false) => "call not made",
                (_, false) => "call may have been carried out",
            },
            Event::Warning { message, .. } => message,
        }
    }

    /// The event's members by name, without those that say nothing. `kind` is among them.
    pub fn fields(&self) -> Map<String, Value> {
        // Strings, numbers and maps of them: nothing in it can fail to become JSON.
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
            _ => Map::new(),
        }
    }

    /// The event as the language packages read it.
    pub fn to_json(&self) -> String {
        json!({"level": self.level().name(), "message": self.message(), "fields": self.fields()}).to_string()
    }

    pub(super) fn throttled(call: EventCall, scope: Scope, code: Option<i64>, retry_after_ms: Option<u64>) -> Self {
        Event::Throttled { call, scope: scope_name(scope), code, retry_after_ms }
    }

    /// How a call ended, as far as its error tells; `None` is no error.
    pub(super) fn outcome(call: EventCall, is_message: bool, error: Option<&Error>) -> Self {
        let (reason, cause) = error.map_or((None, None), why);
        let refusal = match error {
            Some(Error::Api(refusal)) => Some(refusal),
            _ => None,
        };
        Event::Outcome {
            call,
            outcome: error.map_or(Outcome::Accepted, Error::outcome).name(),
            is_message,
            id: None,
            error: error.map(Error::class_name),
            reason,
            cause,
            code: refusal.and_then(|refusal| refusal.error.code),
            status: refusal.and_then(|refusal| refusal.status),
            request_id: None,
            attempts: 0,
            elapsed_ms: 0,
        }
    }

    /// Tells it through `tracing`. Whether anybody listens was asked before.
    pub(super) fn trace(&self) {
        // The level is part of what `tracing` makes for each place, so there is one for each level.
        macro_rules! tell {
            (of $call:ident, $kind:literal, $($field:tt)*) => {
                tell!(
                    kind = $kind,
                    operation = $call.operation,
                    tracker = $call.tracker.as_deref(),
                    to = $call.to.as_deref(),
                    $($field)*
                )
            };
            ($($field:tt)*) => {
                match self.level() {
                    Level::Debug => tracing::debug!(target: "wacloud", $($field)*, "{}", self.message()),
                    Level::Info => tracing::info!(target: "wacloud", $($field)*, "{}", self.message()),
                    Level::Warning => tracing::warn!(target: "wacloud", $($field)*, "{}", self.message()),
                }
            };
        }
        match self {
            Event::Wait { call, waited_ms, bulk } => tell!(of call, "wait", waited_ms, bulk),
            Event::Attempt { call, attempt, body } => {
                tell!(of call, "attempt", attempt, body = body.as_ref().map(ToString::to_string));
            }
            Event::Retry { call, attempt, reason, cause, pause_ms, may_be_twice } => {
                tell!(of call, "retry", attempt, reason, cause = cause.as_deref(), pause_ms, may_be_twice);
            }
            Event::Throttled { call, scope, code, retry_after_ms } => {
                tell!(of call, "throttled", scope, code, retry_after_ms);
            }
            Event::Outcome {
                call,
                outcome,
                is_message: _,
                id,
                error,
                reason,
                cause,
                code,
                status,
                request_id,
                attempts,
                elapsed_ms,
            } => tell!(
                of call,
                "outcome",
                outcome,
                id = id.as_deref(),
                error,
                reason,
                cause = cause.as_deref(),
                code,
                status,
                request_id = request_id.as_deref(),
                attempts,
                elapsed_ms
            ),
            Event::Warning { subject, message: _ } => tell!(kind = "warning", subject),
        }
    }
}

/// Why something was not sent, or is unknown. What Meta or the user's own token function said is left to the error: it may
/// quote what does not belong into a log.
pub(super) fn why(error: &Error) -> (Option<&'static str>, Option<String>) {
    match error {
        Error::NotSent(error) if error.reason == NotSentReason::Token => (Some(error.reason.name()), None),
        Error::NotSent(error) => (Some(error.reason.name()), Some(error.cause.clone())),
        Error::DeliveryUnknown(error) if error.reason == "server_error" => (Some(error.reason), None),
        Error::DeliveryUnknown(error) => (Some(error.reason), Some(error.cause.clone())),
        _ => (None, None),
    }
}
