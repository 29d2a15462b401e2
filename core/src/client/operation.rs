//! What every API call is made of.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Client;
use super::send::{self, How};
use super::session::Bare;
use crate::graph::{Endpoint, Method, Payload};
use crate::media;
use crate::message::violation::Checker;
use crate::message::{Invalid, Message, Upload, Violation};
use crate::outcome::Effect;

/// One call of the API: a plain struct with the call's arguments.
///
/// It says what request it makes and how its answer reads; when it goes out, how often, and what became of it is the
/// client's to decide, by [`Operation::EFFECT`].
pub trait Operation: DeserializeOwned + Send {
    /// The name in every language, in snake case: `send_text`, or `phone.get` of one that belongs to a group.
    const NAME: &'static str;
    /// What the call does to the world, which decides which failures may be repeated.
    const EFFECT: Effect;
    /// The name of the constructor `Message.<name>` that takes the same arguments, of calls that send a message.
    const CONSTRUCTOR: Option<&'static str> = None;
    /// Where arguments stand in Graph's body: pairs of a path in the arguments and a path in the body, with `[]` for any
    /// index. Mistakes are told with the latter.
    const PATHS: &'static [(&'static str, &'static str)] = &[];
    /// Whether the call is about the business account, so that the client must know which that is.
    const NEEDS_ACCOUNT: bool = false;
    /// The code of an error that says that a part was carried out: its body is read like an answer, and only if that is
    /// none it is an error.
    const PARTIAL: Option<i64> = None;
    /// Arguments as JSON that show how it is called: the example in every language's documentation.
    const EXAMPLE: &'static str;
    /// What comes back.
    type Output: Serialize + DeserializeOwned + Send;

    /// Checks the arguments and builds the request. No I/O.
    ///
    /// # Errors
    /// [`Invalid`] with every mistake.
    fn request(self, cx: &Context<'_>) -> Result<Request, Invalid>;

    /// Reads the body of a 2xx. `None` when it is not this call's answer.
    fn answer(cx: &Answered<'_>) -> Option<Self::Output> {
        serde_json::from_slice(cx.body).ok()
    }

    /// Carries it out: with one request, unless the call says otherwise.
    #[doc(hidden)]
    fn perform(self, client: &Client, how: How) -> impl Future<Output = crate::error::Result<Self::Output>> + Send {
        send::run(client, self, how)
    }

    /// The bytes of the answer that cross beside its JSON, if it has any.
    #[doc(hidden)]
    fn take_bytes(_: &mut Self::Output) -> Option<Bytes> {
        None
    }

    /// What is wrong beside what could not be read: some arguments are missing here, and mistakes at their places are not told.
    #[doc(hidden)]
    fn judge(self) -> Vec<Violation> {
        let judged = self.into_message().map(|message| message.check());
        judged.and_then(Result::err).map(|invalid| invalid.violations).unwrap_or_default()
    }

    /// The message that the call sends, of calls that send one.
    fn into_message(self) -> Option<Message> {
        None
    }
}

/// What a request depends on beside its arguments.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The number that the client sends from.
    pub phone_number_id: &'a str,
    /// The business account that the client knows of; that of a call with [`Operation::NEEDS_ACCOUNT`] is never empty.
    pub business_account_id: &'a str,
}

/// A request, before it has a host, a version and a token.
#[derive(Debug)]
pub struct Request {
    /// Its HTTP method.
    pub method: Method,
    /// Where it goes.
    pub endpoint: Endpoint,
    /// What it carries.
    pub body: RequestBody,
}

/// What a request carries.
#[derive(Debug)]
pub enum RequestBody {
    /// A message; its tracker is settled when it is sent.
    Message(Box<Payload>),
    /// Any other JSON.
    Json(Value),
    /// A file, as a form; and what it has to be where it is for a message.
    Upload(Arc<Upload>, Option<Expected>),
    /// A file without a form, for a session of the resumable upload.
    Bare(Arc<Bare>),
    /// Nothing.
    None,
}

/// What a file has to be that a message waits for.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// As which kind of media it has to be taken: `image`.
    pub kind: &'static str,
    /// The hash of its content, by which its id is known afterwards.
    pub sha256: [u8; 32],
}

impl Request {
    /// A request that reads.
    pub fn get(endpoint: impl Into<Endpoint>) -> Self {
        Request { method: Method::Get, endpoint: endpoint.into(), body: RequestBody::None }
    }

    /// A request that changes something.
    pub fn post(endpoint: impl Into<Endpoint>, body: Value) -> Self {
        Request { method: Method::Post, endpoint: endpoint.into(), body: RequestBody::Json(body) }
    }

    /// A request that changes something, of which the address says all.
    pub fn post_nothing(endpoint: impl Into<Endpoint>) -> Self {
        Request { method: Method::Post, endpoint: endpoint.into(), body: RequestBody::None }
    }

    /// A request that removes something.
    pub fn delete(endpoint: impl Into<Endpoint>) -> Self {
        Request { method: Method::Delete, endpoint: endpoint.into(), body: RequestBody::None }
    }

    /// A request that sends a message.
    ///
    /// # Errors
    /// [`Invalid`] with every mistake in the message.
    pub fn message(message: Message, cx: &Context<'_>) -> Result<Self, Invalid> {
        let mut checker = Checker::default();
        if let Some((path, number_id)) = message.answering_number() {
            checker.own_number(path, Some(number_id), cx.phone_number_id);
        }
        let mut payload = match Payload::new(message) {
            Err(mut invalid) => {
                invalid.violations.extend_from_slice(checker.found());
                return Err(invalid);
            }
            Ok(payload) => checker.into_result().map(|()| payload)?,
        };
        // Whoever made the message may write the next one's file to the same path as soon as this is taken over.
        payload.note_files(media::seen);
        let phone_number_id = cx.phone_number_id.to_owned();
        let endpoint = match payload.is_marketing() {
            true => Endpoint::MarketingMessages { phone_number_id },
            false => Endpoint::Messages { phone_number_id },
        };
        Ok(Request { method: Method::Post, endpoint, body: RequestBody::Message(Box::new(payload)) })
    }
}

impl RequestBody {
    /// As JSON, of those that are.
    pub(super) fn to_bytes(&self) -> Result<Bytes, serde_json::Error> {
        // Room for most, so that writing does not move it.
        let mut body = Vec::with_capacity(512);
        match self {
            RequestBody::Message(payload) => serde_json::to_writer(&mut body, payload),
            RequestBody::Json(value) => serde_json::to_writer(&mut body, value),
            RequestBody::Upload(..) | RequestBody::Bare(_) | RequestBody::None => Ok(()),
        }?;
        Ok(Bytes::from(body))
    }
}

/// A 2xx and what is known about its call.
#[derive(Debug)]
pub struct Answered<'a> {
    /// The answer's body.
    pub body: &'a [u8],
    /// Who the message went to, as it went out.
    pub recipient: &'a str,
    /// The tracker that went out.
    pub tracker: Option<&'a str>,
    /// How the call went.
    pub meta: super::CallMeta,
}
