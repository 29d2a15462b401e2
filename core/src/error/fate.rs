//! What became of a message that Meta did not answer: nothing reached it, or nobody knows.

use std::fmt;
use std::time::Duration;

/// Which call failed, and how far it had come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempted {
    /// The operation: `send_text`.
    pub operation: &'static str,
    /// Whether it sends a message.
    pub is_message: bool,
    /// The tracker that went out with the message.
    pub tracker: Option<String>,
    /// How many requests were tried.
    pub attempts: u32,
}

impl Attempted {
    pub(super) fn subject(&self) -> &'static str {
        if self.is_message { "message" } else { "call" }
    }
}

/// Nothing reached Meta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSent {
    /// Why: see [`NotSentReason`].
    pub reason: NotSentReason,
    /// What exactly happened, for people.
    pub cause: String,
    /// How long to wait before trying again: of `max_wait`, where Meta or the pair limit holds the recipient, the number or
    /// the app back for a known time. In whole seconds.
    pub retry_after: Option<Duration>,
    /// The call.
    pub attempted: Attempted,
}

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotSentReason {
    /// No connection could be made, or it was lost before the request was written.
    Connection,
    /// No connection in the time that there was.
    TimeOut,
    /// The rate limit left no slot within `max_wait`.
    MaxWait,
    /// The caller cancelled before the request was written.
    Cancelled,
    /// The access token could not be had: the token function failed, or had not answered when the time was over.
    Token,
    /// The bulk had stopped before this message's turn.
    Stopped,
    /// Another worker of the campaign has the message. What became of it is told once that worker knows.
    Claimed,
}

impl NotSentReason {
    /// The stable public name.
    pub fn name(self) -> &'static str {
        match self {
            NotSentReason::Connection => "connection",
            NotSentReason::TimeOut => "timeout",
            NotSentReason::MaxWait => "max_wait",
            NotSentReason::Cancelled => "cancelled",
            NotSentReason::Token => "token",
            NotSentReason::Stopped => "stopped",
            NotSentReason::Claimed => "claimed",
        }
    }
}

impl fmt::Display for NotSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.attempted.subject();
        write!(f, "The {subject} was not sent: {}. ", self.cause)?;
        match self.reason {
            NotSentReason::MaxWait => f.write_str("Nothing went out; send it again later, or allow a longer max_wait."),
            NotSentReason::Token => f.write_str("Nothing went out; look at the function that gives the access token."),
            NotSentReason::Cancelled | NotSentReason::Stopped => f.write_str("Nothing went out."),
            NotSentReason::Claimed => {
                f.write_str("Nothing went out from here; the journal knows what becomes of it there.")
            }
            NotSentReason::Connection | NotSentReason::TimeOut => {
                f.write_str("Nothing reached Meta, so it is safe to send it again.")
            }
        }
    }
}

/// It may have been accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryUnknown {
    /// `timeout`, `connection_lost`, `cancelled`, `server_error`, `broken_answer`, `forked` or, of a journal, `interrupted`:
    /// the process that sent it ended before it learnt the outcome.
    pub reason: &'static str,
    /// What exactly happened, for people.
    pub cause: String,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// Graph's code, if there was one.
    pub code: Option<i64>,
    /// Whether the message went out again after that, as `on_unknown` asks.
    pub resent: bool,
    /// The call.
    pub attempted: Attempted,
}

impl DeliveryUnknown {
    /// The reason of that name, which a journal has kept.
    pub(crate) fn known_reason(name: &str) -> &'static str {
        const KNOWN: [&str; 6] =
            ["timeout", "connection_lost", "cancelled", "server_error", "broken_answer", "interrupted"];
        KNOWN.into_iter().find(|known| *known == name).unwrap_or("interrupted")
    }
}

impl fmt::Display for DeliveryUnknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.attempted.is_message {
            return write!(f, "It is not known whether the call was carried out: {}.", self.cause);
        }
        write!(f, "It is not known whether the message was accepted: {}. ", self.cause)?;
        f.write_str(match self.resent {
            // The answer says that it was, as far as it says anything.
            _ if self.reason == "broken_answer" => "Its id is lost: do not send it again. ",
            true => "It was sent again, as the settings ask, and may arrive more than once. ",
            false => "It was not repeated, since that could deliver it twice. ",
        })?;
        match &self.attempted.tracker {
            _ if self.reason == "forked" => f.write_str("Its outcome is told there."),
            Some(tracker) => write!(f, "A status webhook that carries the tracker {tracker} settles it."),
            None => f.write_str("It has no tracker, so no webhook can settle it."),
        }
    }
}
