//! Errors: what happened, whether the message may have gone out, and what to do next.

#[cfg(feature = "manifest")]
mod catalogue;

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::graph::GraphError;
use crate::graph::codes::{self, ErrorClass, Remedy, Scope};
use crate::message::{Invalid, Violation};
use crate::outcome::Outcome;
#[cfg(feature = "manifest")]
pub(crate) use catalogue::catalogue;

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong with a call.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is missing or wrong. Nothing was sent.
    #[error("{setting}: {message}{} Nothing was sent.", full_stop(message))]
    Config {
        /// The setting's name.
        setting: String,
        /// What is wrong with it.
        message: String,
    },
    /// The message or the call's arguments have mistakes. Nothing was sent.
    #[error(transparent)]
    Validation(#[from] Invalid),
    /// It is certain that nothing reached Meta. It is safe to send again.
    #[error("{0}")]
    NotSent(Box<NotSent>),
    /// It may have been accepted, and was not repeated.
    #[error("{0}")]
    DeliveryUnknown(Box<DeliveryUnknown>),
    /// Meta answered: no.
    #[error("{0}")]
    Api(Box<ApiError>),
    /// A webhook does not come from Meta, or it cannot be told whether it does. Nothing of it should be used.
    #[error("{message}")]
    WebhookSignature {
        /// `missing`, `malformed`, `mismatch` or `secret` (there is nothing to check with).
        reason: &'static str,
        /// What is wrong, and where to look.
        message: String,
    },
    /// A file or server in which something is remembered cannot be used. Nothing was sent.
    #[error("{place} {problem}. Nothing was sent, and what was to be remembered is not.")]
    Store {
        /// The file, or the server's host.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A defect in wacloud itself was caught.
    #[error("wacloud itself failed, please report it: {message}. {}", fate(*.may_have_been_sent))]
    Internal {
        /// What happened.
        message: String,
        /// Whether a request may have gone out before.
        may_have_been_sent: bool,
    },
}

/// A question has its mark already.
fn full_stop(sentence: &str) -> &'static str {
    if sentence.ends_with('?') { "" } else { "." }
}

fn fate(may_have_been_sent: bool) -> &'static str {
    if may_have_been_sent { "The message may have gone out." } else { "Nothing was sent." }
}

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
    fn subject(&self) -> &'static str {
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
    /// The access token could not be had: the token function failed.
    Token,
    /// The bulk had stopped before this message's turn.
    Stopped,
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
            NotSentReason::Connection | NotSentReason::TimeOut => {
                f.write_str("Nothing reached Meta, so it is safe to send it again.")
            }
        }
    }
}

/// It may have been accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryUnknown {
    /// `timeout`, `connection_lost`, `cancelled`, `server_error`, `broken_answer` or `forked`.
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

impl fmt::Display for DeliveryUnknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.attempted.is_message {
            return write!(f, "It is not known whether the call was carried out: {}.", self.cause);
        }
        if self.reason == "broken_answer" {
            write!(f, "The message was accepted, but its id is lost: {}. Do not send it again. ", self.cause)?;
        } else {
            write!(f, "It is not known whether the message was accepted: {}. ", self.cause)?;
            f.write_str(match self.resent {
                true => "It was sent again, as the settings ask, and may arrive more than once. ",
                false => "It was not repeated, since that could deliver it twice. ",
            })?;
        }
        match &self.attempted.tracker {
            _ if self.reason == "forked" => f.write_str("Its outcome is told there."),
            Some(tracker) => write!(f, "A status webhook that carries the tracker {tracker} settles it."),
            None => f.write_str("It has no tracker, so no webhook can settle it."),
        }
    }
}

/// Meta's no.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// Which error class of the language packages it is.
    pub class: ErrorClass,
    /// The HTTP status; absent of errors that were told by webhook.
    pub status: Option<u16>,
    /// The error object.
    pub error: GraphError,
    /// A few words that name the problem.
    pub title: String,
    /// What it means and what to do.
    pub help: String,
    /// Whether the same request can succeed later.
    pub retryable: bool,
    /// What is held back, of rate limits.
    pub scope: Option<Scope>,
    /// How long to wait before trying again.
    pub retry_after: Option<Duration>,
    /// The call.
    pub attempted: Attempted,
}

impl ApiError {
    pub(crate) fn new(
        status: u16,
        error: Option<GraphError>,
        retry_after: Option<Duration>,
        attempted: Attempted,
    ) -> Self {
        let answered_by_graph = error.is_some();
        let error = error.unwrap_or_default();
        let row = error.code.and_then(codes::lookup);
        let (scope, wait) = match row.map(|row| row.remedy) {
            Some(Remedy::Throttle(scope)) => (Some(scope), None),
            Some(Remedy::Wait { retry_after_s, scope }) => (scope, Some(Duration::from_secs(retry_after_s.into()))),
            None if status == 429 => (Some(Scope::Number), None),
            _ => (None, None),
        };
        let class = match row {
            Some(row) => row.class,
            None if status == 429 => ErrorClass::RateLimit,
            None if status == 401 => ErrorClass::Authentication,
            None if status == 403 && answered_by_graph => ErrorClass::PermissionDenied,
            None => ErrorClass::Api,
        };
        let help = match row {
            Some(row) => row.help.to_owned(),
            None if (300..400).contains(&status) => {
                "Something answered with a redirect, which is never followed. Check \
                base_url, and whether a proxy or a login page stands in between."
                    .to_owned()
            }
            None if !answered_by_graph => "The answer is not Meta's: check base_url, and whether a proxy stands in \
                between."
                .to_owned(),
            None => "This code is not in wacloud's table: look it up on Meta's page of error codes.".to_owned(),
        };
        ApiError {
            class,
            status: Some(status),
            title: row.map_or_else(|| error.user_title.clone().unwrap_or_default(), |row| row.title.to_owned()),
            help,
            retryable: matches!(row.map(|r| r.remedy), Some(Remedy::Throttle(_) | Remedy::Wait { .. }))
                || status == 429,
            scope,
            retry_after: retry_after.or(wait),
            error,
            attempted,
        }
    }

    /// An error that a webhook tells of a message that went out, or of one that came in.
    pub(crate) fn reported(mut error: GraphError, tracker: Option<String>) -> Self {
        let own_title = error.extra.get("title").and_then(Value::as_str).map(str::to_owned).unwrap_or_default();
        if error.message.is_empty() {
            error.message.clone_from(&own_title);
        }
        let attempted = Attempted { is_message: true, tracker, ..Attempted::default() };
        // There is no status that could say more than the code.
        let mut reported = ApiError { status: None, ..ApiError::new(0, Some(error), None, attempted) };
        if reported.title.is_empty() {
            reported.title = own_title;
        }
        reported
    }

    /// The name of the class in the language packages: `RateLimitError`.
    pub fn class_name(&self) -> &'static str {
        match self.class {
            ErrorClass::Api => "ApiError",
            ErrorClass::Authentication => "AuthenticationError",
            ErrorClass::PermissionDenied => "PermissionDeniedError",
            ErrorClass::RateLimit => "RateLimitError",
            ErrorClass::Recipient => "RecipientError",
            ErrorClass::WindowClosed => "WindowClosedError",
            ErrorClass::Template => "TemplateError",
            ErrorClass::Media => "MediaError",
            ErrorClass::Policy => "PolicyError",
        }
    }
}

/// The public name of what a throttle holds back.
pub(crate) fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Pair => "pair",
        Scope::Number => "number",
        Scope::Account => "account",
        Scope::App => "app",
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(_) => write!(f, "Meta refused the {}: ", self.attempted.subject())?,
            None => f.write_str("Meta reports: ")?,
        }
        let said = [
            self.error.message.as_str(),
            self.error.details.as_deref().unwrap_or_default(),
            self.error.user_message.as_deref().unwrap_or_default(),
        ];
        let mut said: Vec<&str> =
            said.into_iter().map(|text| text.trim_end_matches('.')).filter(|t| !t.is_empty()).collect();
        said.dedup();
        if said.is_empty() {
            f.write_str("no reason given")?;
        } else {
            f.write_str(&said.join(": "))?;
        }
        let marks =
            [self.error.code.map(|code| format!("code {code}")), self.status.map(|status| format!("HTTP {status}"))];
        let marks: Vec<String> = marks.into_iter().flatten().collect();
        match marks.is_empty() {
            true => f.write_str(". ")?,
            false => write!(f, " [{}]. ", marks.join(", "))?,
        }
        f.write_str(&self.help)?;
        if let Some(wait) = self.retry_after {
            write!(f, " Try again in {} s.", wait.as_secs())?;
        }
        Ok(())
    }
}

impl Error {
    pub(crate) fn config(setting: impl Into<String>, message: impl Into<String>) -> Self {
        Error::Config { setting: setting.into(), message: message.into() }
    }

    pub(crate) fn not_sent(reason: NotSentReason, cause: impl Into<String>, attempted: Attempted) -> Self {
        Error::NotSent(Box::new(NotSent { reason, cause: cause.into(), retry_after: None, attempted }))
    }

    pub(crate) fn too_late(cause: String, retry_after: Option<Duration>, attempted: Attempted) -> Self {
        Error::NotSent(Box::new(NotSent { reason: NotSentReason::MaxWait, cause, retry_after, attempted }))
    }

    /// The call was begun in another process, before a fork; its answer comes there.
    pub fn forked(operation: &'static str, is_message: bool) -> Self {
        Error::DeliveryUnknown(Box::new(DeliveryUnknown {
            reason: "forked",
            cause: "it was begun before a fork, and its answer comes in the process that began it".to_owned(),
            status: None,
            code: None,
            resent: false,
            attempted: Attempted { operation, is_message, tracker: None, attempts: 0 },
        }))
    }

    /// Which of the four outcomes this error is.
    pub fn outcome(&self) -> Outcome {
        match self {
            Error::Config { .. }
            | Error::Validation(_)
            | Error::NotSent(_)
            | Error::WebhookSignature { .. }
            | Error::Store { .. } => Outcome::NotSent,
            Error::DeliveryUnknown(_) => Outcome::Unknown,
            Error::Api(_) => Outcome::Rejected,
            Error::Internal { may_have_been_sent, .. } => {
                if *may_have_been_sent {
                    Outcome::Unknown
                } else {
                    Outcome::NotSent
                }
            }
        }
    }

    /// The name of the error class in the language packages.
    pub fn class_name(&self) -> &'static str {
        match self {
            Error::Config { .. } => "ConfigError",
            Error::Validation(_) => "ValidationError",
            Error::NotSent(_) => "NotSentError",
            Error::DeliveryUnknown(_) => "DeliveryUnknownError",
            Error::Api(error) => error.class_name(),
            Error::WebhookSignature { .. } => "WebhookSignatureError",
            Error::Store { .. } => "StoreError",
            Error::Internal { .. } => "InternalError",
        }
    }

    fn attempted(&self) -> Option<&Attempted> {
        match self {
            Error::NotSent(error) => Some(&error.attempted),
            Error::DeliveryUnknown(error) => Some(&error.attempted),
            Error::Api(error) => Some(&error.attempted),
            Error::Config { .. }
            | Error::Validation(_)
            | Error::WebhookSignature { .. }
            | Error::Store { .. }
            | Error::Internal { .. } => None,
        }
    }

    /// The error of a call that ended after so many attempts; an unknown one is that of an earlier attempt sometimes.
    pub(crate) fn after(mut self, attempts: u32, resent: bool) -> Self {
        match &mut self {
            Error::NotSent(error) => error.attempted.attempts = attempts,
            Error::Api(error) => error.attempted.attempts = attempts,
            Error::DeliveryUnknown(error) => {
                error.attempted.attempts = attempts;
                error.resent = resent;
            }
            Error::Config { .. }
            | Error::Validation(_)
            | Error::WebhookSignature { .. }
            | Error::Store { .. }
            | Error::Internal { .. } => {}
        }
        self
    }

    /// The tracker of the message, if one went out or was to.
    pub fn tracker(&self) -> Option<&str> {
        self.attempted()?.tracker.as_deref()
    }

    /// The mistakes, of a validation error.
    pub fn violations(&self) -> &[Violation] {
        match self {
            Error::Validation(invalid) => &invalid.violations,
            _ => &[],
        }
    }

    /// The error as data, for the language packages: the members of the class that `type` names.
    pub fn to_value(&self) -> Value {
        let outcome = self.outcome();
        let mut data = Map::new();
        data.insert("type".into(), self.class_name().into());
        data.insert("message".into(), self.to_string().into());
        data.insert("outcome".into(), outcome.name().into());
        data.insert("may_have_been_sent".into(), (outcome == Outcome::Unknown).into());
        data.insert("tracker".into(), self.tracker().into());
        data.insert("attempts".into(), self.attempted().map_or(0, |a| a.attempts).into());
        let own = match self {
            Error::Config { setting, .. } => json!({"setting": setting}),
            Error::Validation(invalid) => json!({"violations": invalid.violations}),
            Error::NotSent(error) => json!({
                "reason": error.reason.name(),
                "retry_after": error.retry_after.map(|wait| wait.as_secs_f64()),
            }),
            Error::DeliveryUnknown(error) => {
                json!({"reason": error.reason, "status": error.status, "code": error.code})
            }
            Error::Api(error) => json!({
                "code": error.error.code,
                "subcode": error.error.subcode,
                "status": error.status,
                "title": error.title,
                "details": error.error.details,
                "fbtrace_id": error.error.fbtrace_id,
                "retryable": error.retryable,
                "retry_after": error.retry_after.map(|wait| wait.as_secs_f64()),
                "help": error.help,
                "scope": error.scope.map(scope_name),
            }),
            Error::WebhookSignature { reason, .. } => json!({"reason": reason}),
            Error::Store { place, problem } => json!({"place": place, "problem": problem}),
            Error::Internal { .. } => json!({}),
        };
        if let Value::Object(own) = own {
            data.extend(own);
        }
        Value::Object(data)
    }

    /// [`Error::to_value`] as text.
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }
}
