//! A campaign while it is sent.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_util::future::BoxFuture;

use super::key::{self, Key};
use super::ledger::{Ledger, Planned};
use super::record::{Again, Ending, Entry, GivenTracker, Record, Verdict};
use super::tracker::Name;
use crate::client::{Client, Request, RequestBody, SentMessage, Witness};
use crate::error::{Attempted, Error, NotSentReason, Result};
use crate::graph::Payload;
use crate::message::Tracker;

/// A campaign that is sent now. Clones are the same.
#[derive(Clone)]
pub(crate) struct Run(Arc<Inner>);

struct Inner {
    ledger: Ledger,
    again: Again,
    keeps_messages: bool,
    now_ms: fn() -> u64,
}

/// What the journal makes of a message.
pub(crate) enum Standing {
    /// It has an outcome, which is told instead of sending it.
    Told { key: String, result: Result<SentMessage> },
    /// It is to be sent.
    Send { ticket: Arc<Ticket>, is_new: bool },
    /// Another worker has it.
    Claimed { key: String, error: Error },
}

impl Run {
    pub(super) fn new(ledger: Ledger, again: Again, keeps_messages: bool, now_ms: fn() -> u64) -> Self {
        Run(Arc::new(Inner { ledger, again, keeps_messages, now_ms }))
    }

    /// What the journal knows of a message. Of one with mistakes it knows something only by a key that was given.
    pub(crate) async fn stand(&self, given: Option<String>, index: u64, payload: Option<&Payload>) -> Result<Standing> {
        let named = match (given, payload) {
            (Some(given), _) => Key::given(given)?,
            (None, Some(payload)) => content(payload),
            (None, None) => return Err(Error::config("key", "a message with mistakes has no key of its own")),
        };
        let (key, name, record) = match self.0.ledger.plan(named, index).await? {
            Planned::Twice { key } => {
                let message = format!("must be another one for each message: {key:?} was given to one before");
                return Err(key::refused("unique", message).into());
            }
            Planned::Claimed { key } => return Ok(Standing::Claimed { key, error: claimed() }),
            Planned::New { key, name } => (key, name, None),
            Planned::Known { key, record } => (key, record.name, Some(record)),
        };
        let is_new = record.is_none();
        let doubt = match record.as_ref().map(|record| record.verdict(self.0.again)) {
            Some(Verdict::Tell(told)) => {
                return Ok(Standing::Told { key, result: told.map(|sent| *sent).map_err(|error| *error) });
            }
            Some(Verdict::Send(doubt)) => doubt,
            None => None,
        };
        let entry = self.entry(name, key, index, payload, record);
        Ok(Standing::Send { ticket: Arc::new(Ticket { run: self.clone(), entry, doubt }), is_new })
    }

    fn entry(&self, name: Name, key: String, index: u64, payload: Option<&Payload>, known: Option<Record>) -> Entry {
        let tracker = match payload.map(Payload::tracker) {
            Some(Tracker::Off) => GivenTracker::Off,
            Some(Tracker::Given(tracker)) => GivenTracker::Own(tracker.clone()),
            Some(Tracker::Auto) | None => GivenTracker::None,
        };
        let recipient = match (payload, known) {
            (Some(payload), _) => payload.address().to_owned(),
            (None, known) => known.map(|record| record.recipient).unwrap_or_default(),
        };
        let body = payload.filter(|_| self.0.keeps_messages).and_then(|payload| serde_json::to_string(payload).ok());
        Entry { name, key, index, recipient, tracker, body, may_have_left: AtomicBool::default() }
    }

    /// Returns when everything is written and others may begin.
    pub(crate) async fn close(&self, client: &Client) {
        if let Err(error) = self.0.ledger.close().await {
            lacks(client, &error);
        }
    }
}

fn claimed() -> Error {
    let attempted = Attempted { operation: "send", is_message: true, ..Attempted::default() };
    Error::not_sent(NotSentReason::Claimed, "another worker of the campaign has this message", attempted)
}

/// From what the message says, as it was intended: not from the tracker, which may be another each time.
fn content(payload: &Payload) -> Key {
    let mut content = Vec::with_capacity(512);
    // A payload is strings, numbers, booleans and lists of them: nothing in it can fail to become JSON.
    let _ = serde_json::to_writer(&mut content, &payload.intended());
    Key::content(&content)
}

/// A message that the journal lets go.
pub(crate) struct Ticket {
    run: Run,
    entry: Entry,
    /// An earlier copy of it may have been accepted.
    doubt: Option<Box<Error>>,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("key", &self.entry.key).finish_non_exhaustive()
    }
}

impl Ticket {
    /// Writes down what became of the message, and returns what is told of it, and its key.
    ///
    /// Where that cannot be written, it is told all the same: it is the truth, and a journal that lacks it takes the message
    /// for unknown, which is safe.
    pub(crate) async fn end(
        self: Arc<Self>,
        client: &Client,
        result: Result<SentMessage>,
    ) -> (String, Result<SentMessage>) {
        // What became of this copy says nothing of the one before, unless this one was accepted.
        let result = match (result, &self.doubt) {
            (Err(_), Some(doubt)) => Err(Error::clone(doubt)),
            (result, _) => result,
        };
        let ending = Ending::of(&result, (self.run.0.now_ms)());
        if let Err(error) = self.run.0.ledger.end(&self.entry, &ending).await {
            lacks(client, &error);
        }
        // The call has ended, and nobody else has it any more.
        let key = Arc::try_unwrap(self).map_or_else(|ticket| ticket.entry.key.clone(), |ticket| ticket.entry.key);
        (key, result)
    }
}

/// Says that a journal does not have what was told.
fn lacks(client: &Client, error: &Error) {
    let message = format!(
        "outcomes that were told could not be written down; the next run takes their messages for unknown, and sends none of \
         them again: {error}"
    );
    client.warn_once("journal", message);
}

impl Witness for Ticket {
    fn tracker(&self) -> Option<String> {
        self.entry.tracker()
    }

    fn before_attempt(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.run.0.ledger.intend(&self.entry))
    }

    fn attempt_came_to_nothing(&self) {
        if self.doubt.is_none() {
            self.run.0.ledger.repeated(&self.entry, &Ending::repeated((self.run.0.now_ms)()));
        }
    }
}

/// The message of a request.
pub(crate) fn payload(request: &Request) -> Option<&Payload> {
    match &request.body {
        RequestBody::Message(payload) => Some(payload),
        RequestBody::Json(_) | RequestBody::Upload(..) | RequestBody::Bare(_) | RequestBody::None => None,
    }
}

/// Whether a client may go on with a campaign that another one began.
pub(super) fn origin(client: &Client) -> String {
    match is_local(client.base_url()) {
        // A sandbox has another port each time.
        true => "this machine".to_owned(),
        false => client.base_url().to_owned(),
    }
}

fn is_local(url: &str) -> bool {
    url::Url::parse(url).ok().is_some_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}
