//! What is known of one message of a campaign, and what follows from it. Pure.

use std::borrow::Cow;
use std::sync::atomic::AtomicBool;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::tracker::Name;
use crate::client::stop::is_pointless;
use crate::client::{CallMeta, OnUnknown, SentMessage};
use crate::error::{ApiError, Attempted, DeliveryUnknown, Error};
use crate::graph::GraphError;
use crate::outcome::Outcome;

/// A message of a campaign that is sent now.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: Name,
    pub(super) key: String,
    /// Its place in the list, from 0.
    pub(super) index: u64,
    /// Who it goes to, as it goes out.
    pub(super) recipient: String,
    pub(super) tracker: GivenTracker,
    /// What it says, if the journal keeps that.
    pub(super) body: Option<String>,
    /// It is written that it may leave, and not how that ended.
    pub(super) may_have_left: AtomicBool,
}

/// What the sender said about the tracker.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) enum GivenTracker {
    /// Nothing: the journal's own goes out.
    #[default]
    None,
    /// There shall be none.
    Off,
    Own(String),
}

impl Entry {
    /// What goes out with it.
    pub(super) fn tracker(&self) -> Option<String> {
        tracker(self.name, &self.tracker)
    }
}

fn tracker(name: Name, given: &GivenTracker) -> Option<String> {
    match given {
        GivenTracker::None => Some(name.tracker()),
        GivenTracker::Off => None,
        GivenTracker::Own(tracker) => Some(tracker.clone()),
    }
}

/// How a message ended, as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Ending<'a> {
    pub(super) outcome: Outcome,
    pub(super) at_ms: u64,
    pub(super) wamid: Option<Cow<'a, str>>,
    /// Graph's code, of refusals.
    pub(super) code: Option<i64>,
    /// Why it was not sent or is not known, in a stable word; of others the error's class.
    pub(super) reason: Option<Cow<'a, str>>,
    pub(super) told: Option<Told<'a>>,
}

/// The rest of the answer, or of the error.
#[derive(Debug, Clone)]
pub(super) enum Told<'a> {
    /// What most messages end with: what is kept of it becomes text where it is written, and nowhere else.
    Answer(&'a SentMessage),
    /// As JSON.
    Text(Cow<'a, str>),
}

impl Told<'_> {
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Told::Answer(sent) => text(&Answer::of(sent)).map(Cow::Owned),
            Told::Text(text) => Some(Cow::Borrowed(text)),
        }
    }

    pub(super) fn into_owned(self) -> Option<Told<'static>> {
        match self {
            Told::Answer(sent) => text(&Answer::of(sent)).map(Told::from),
            Told::Text(text) => Some(Told::from(text.into_owned())),
        }
    }
}

/// The JSON itself, not wrapped once more.
impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Told::Answer(sent) => Answer::of(sent).serialize(serializer),
            Told::Text(text) => {
                let json: &RawValue = serde_json::from_str(text).map_err(serde::ser::Error::custom)?;
                json.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Told<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Told::Text(Cow::Owned(String::from(Box::<str>::from(json)))))
    }
}

impl From<String> for Told<'static> {
    fn from(text: String) -> Self {
        Told::Text(Cow::Owned(text))
    }
}

impl<'a> Ending<'a> {
    pub(super) fn of(result: &'a Result<SentMessage, Error>, at_ms: u64) -> Self {
        let (outcome, wamid, code, reason, told) = match result {
            Ok(sent) => (Outcome::Accepted, Some(sent.id.as_str().into()), None, None, Some(Told::Answer(sent))),
            Err(error) => {
                let (code, reason, told) = kept(error);
                (error.outcome(), None, code, Some(reason.into()), told.map(Told::from))
            }
        };
        Ending { outcome, at_ms, wamid, code, reason, told }
    }

    /// Of a message that had left when its process ended.
    pub(super) fn interrupted(at_ms: u64) -> Self {
        Ending {
            outcome: Outcome::Unknown,
            at_ms,
            wamid: None,
            code: None,
            reason: Some(INTERRUPTED.into()),
            told: None,
        }
    }

    /// Of an attempt that came to nothing, for certain, and that is repeated later.
    pub(super) fn repeated(at_ms: u64) -> Self {
        let reason = Some("repeating".into());
        Ending { outcome: Outcome::NotSent, at_ms, wamid: None, code: None, reason, told: None }
    }
}

const INTERRUPTED: &str = "interrupted";

fn text(value: &impl Serialize) -> Option<String> {
    let mut text = Vec::with_capacity(256);
    serde_json::to_writer(&mut text, value).ok()?;
    String::from_utf8(text).ok()
}

/// What an accepted message comes back with, beside what stands for itself.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Answer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    wa_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Cow<'a, str>>,
    meta: Option<Cow<'a, CallMeta>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<Cow<'a, Map<String, Value>>>,
}

impl<'a> Answer<'a> {
    fn of(sent: &'a SentMessage) -> Self {
        let text = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
        Answer {
            wa_id: text(&sent.wa_id),
            user_id: text(&sent.user_id),
            group_id: text(&sent.group_id),
            status: text(&sent.status),
            meta: Some(Cow::Borrowed(&sent.meta)),
            extra: sent.extra.as_deref().map(Cow::Borrowed),
        }
    }
}

/// An error that says for itself what it is, when it is told again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kept", rename_all = "snake_case")]
enum KeptError {
    Api { status: Option<u16>, error: Value, attempts: u32 },
    Unknown { cause: String, status: Option<u16>, code: Option<i64>, attempts: u32 },
    Other { message: String },
}

fn kept(error: &Error) -> (Option<i64>, String, Option<String>) {
    match error {
        Error::Api(refusal) => {
            let kept = KeptError::Api {
                status: refusal.status,
                error: refusal.error.to_value(),
                attempts: refusal.attempted.attempts,
            };
            (refusal.error.code, error.class_name().to_owned(), text(&kept))
        }
        Error::DeliveryUnknown(unknown) => {
            let DeliveryUnknown { cause, status, code, attempted, .. } = &**unknown;
            let kept =
                KeptError::Unknown { cause: cause.clone(), status: *status, code: *code, attempts: attempted.attempts };
            (*code, unknown.reason.to_owned(), text(&kept))
        }
        Error::NotSent(not_sent) => {
            let kept = KeptError::Other { message: not_sent.cause.clone() };
            (None, not_sent.reason.name().to_owned(), text(&kept))
        }
        other => (None, other.class_name().to_owned(), text(&KeptError::Other { message: other.to_string() })),
    }
}

/// A message that the journal knows.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) name: Name,
    pub(super) recipient: String,
    pub(super) tracker: GivenTracker,
    pub(super) ending: Ending<'static>,
}

/// What a resumed campaign does about messages that have an outcome.
#[derive(Debug, Clone, Copy)]
pub(super) struct Again {
    /// Refused ones are tried again, too.
    pub(super) retry_rejected: bool,
    pub(super) on_unknown: OnUnknown,
}

/// What to do with a message that the journal knows.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is told as it ended.
    Tell(Result<Box<SentMessage>, Box<Error>>),
    /// It is sent, and whatever becomes of it, an earlier copy may have been accepted, if there is a doubt.
    Send(Option<Box<Error>>),
}

impl Record {
    pub(super) fn verdict(&self, again: Again) -> Verdict {
        match self.ending.outcome {
            Outcome::Accepted => Verdict::Tell(Ok(Box::new(self.sent()))),
            Outcome::NotSent => Verdict::Send(None),
            Outcome::Rejected => match self.refusal() {
                Some(refusal) if !again.retry_rejected && !is_worth_another_try(&refusal) => {
                    Verdict::Tell(Err(Box::new(Error::Api(Box::new(refusal)))))
                }
                _ => Verdict::Send(None),
            },
            Outcome::Unknown => {
                let unknown = Box::new(self.unknown());
                // One that was accepted, with an answer that could not be read, is never sent again.
                let is_accepted = matches!(&*unknown, Error::DeliveryUnknown(u) if u.reason == "broken_answer");
                match again.on_unknown {
                    OnUnknown::Resend if !is_accepted => Verdict::Send(Some(unknown)),
                    _ => Verdict::Tell(Err(unknown)),
                }
            }
        }
    }

    fn tracker(&self) -> Option<String> {
        tracker(self.name, &self.tracker)
    }

    pub(super) fn sent(&self) -> SentMessage {
        let answer: Answer<'_> = self.told().unwrap_or_default();
        let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        SentMessage {
            id: owned(self.ending.wamid.clone()).unwrap_or_default(),
            to: self.recipient.clone(),
            wa_id: owned(answer.wa_id),
            user_id: owned(answer.user_id),
            group_id: owned(answer.group_id),
            status: owned(answer.status),
            tracker: self.tracker(),
            meta: answer.meta.map(Cow::into_owned).unwrap_or_default(),
            extra: answer.extra.map(|extra| Box::new(extra.into_owned())),
        }
    }

    fn told<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.ending.told.as_ref()?.text()?).ok()
    }

    fn kept_error(&self) -> Option<KeptError> {
        self.told()
    }

    fn attempted(&self, attempts: u32) -> Attempted {
        Attempted { operation: "send", is_message: true, tracker: self.tracker(), attempts }
    }

    fn refusal(&self) -> Option<ApiError> {
        match self.kept_error()? {
            KeptError::Api { status, error, attempts } => {
                let error = error.as_object().map(|error| GraphError::from_object(error.clone()));
                Some(ApiError::new(status.unwrap_or_default(), error, None, self.attempted(attempts)))
            }
            _ => None,
        }
    }

    fn unknown(&self) -> Error {
        let (cause, status, code, attempts) = match self.kept_error() {
            Some(KeptError::Unknown { cause, status, code, attempts }) => (cause, status, code, attempts),
            _ => {
                let cause = "the process that sent it ended before it learnt the outcome".to_owned();
                (cause, None, None, 1)
            }
        };
        let reason = DeliveryUnknown::known_reason(self.ending.reason.as_deref().unwrap_or(INTERRUPTED));
        Error::DeliveryUnknown(Box::new(DeliveryUnknown {
            reason,
            cause,
            status,
            code,
            resent: false,
            attempted: self.attempted(attempts),
        }))
    }
}

/// Whether a refusal was not about the message: of the pace, or of a token or number for which every message is refused until
/// somebody mends that.
fn is_worth_another_try(refusal: &ApiError) -> bool {
    refusal.retryable || is_pointless(refusal)
}

/// What was wrong, for people, of what is kept of an ending.
pub(super) fn problem(told: &str) -> Option<String> {
    match serde_json::from_str(told).ok()? {
        KeptError::Api { error, .. } => {
            let error = GraphError::from_object(error.as_object()?.clone());
            Some(error.details.unwrap_or(error.message))
        }
        KeptError::Unknown { cause, .. } => Some(cause),
        KeptError::Other { message } => Some(message),
    }
}
