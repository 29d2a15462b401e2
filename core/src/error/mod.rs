//! Errors: what happened, whether the message may have gone out, and what to do next.

mod api;
#[cfg(feature = "manifest")]
mod catalogue;
mod fate;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::message::{Invalid, Violation};
use crate::outcome::Outcome;
pub use api::ApiError;
pub(crate) use api::scope_name;
#[cfg(feature = "manifest")]
pub(crate) use catalogue::catalogue;
pub use fate::{Attempted, DeliveryUnknown, NotSent, NotSentReason};

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
    /// A file or server in which something is remembered cannot be used. Nothing was sent without it: of a bulk, what had not
    /// left.
    #[error("{place} {problem}. Nothing more was sent, and nothing more is remembered.")]
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
                "details": error.error.details.as_ref().or(error.error.user_message.as_ref()),
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
