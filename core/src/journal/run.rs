//! A campaign while it is sent.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;

use super::key::{self, Key};
use super::ledger::{Ledger, Planned};
use super::record::{Again, Ending, Entry, GivenTracker, Record, Verdict};
use super::tracker::Name;
use crate::client::{Client, Request, RequestBody, SentMessage, Witness};
use crate::error::{Attempted, Error, NotSentReason, Result};
use crate::graph::Payload;
use crate::message::Tracker;
use crate::outcome::Outcome;

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
        let is_copy = record.as_ref().is_some_and(|record| record.ending.outcome != Outcome::NotSent);
        let doubt = match record.as_ref().map(|record| record.verdict(self.0.again)) {
            Some(Verdict::Tell(told)) => {
                return Ok(Standing::Told { key, result: told.map(|sent| *sent).map_err(|error| *error) });
            }
            Some(Verdict::Send(doubt)) => doubt,
            None => None,
        };
        let entry = self.entry(name, key, index, payload, record);
        let (run, settled, has_left) = (self.clone(), OnceLock::new(), AtomicBool::new(false));
        let ticket = Ticket { run, entry, is_copy, has_left, doubt, settled };
        Ok(Standing::Send { ticket: Arc::new(ticket), is_new })
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

/// Ends the call for a copy that must not leave. Its result is what the journal has of the message.
fn settled() -> Error {
    let attempted = Attempted { operation: "send", is_message: true, ..Attempted::default() };
    let cause = "the journal learnt that the message was accepted before";
    Error::not_sent(NotSentReason::Claimed, cause, attempted)
}

/// What somebody should know whose message has a file and no key.
pub(crate) fn doubt_of_key(given: Option<&str>, payload: Option<&Payload>) -> Option<&'static str> {
    let has_file = payload.is_some_and(|payload| !payload.wanted().is_empty());
    (has_file && given.is_none()).then_some(
        "messages with files came without keys: a file is known again by its path as it is written, bytes by what is in them. A list \
         that writes a path otherwise the next time, or makes the bytes anew, is sent to everybody again; give each message a key",
    )
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
    /// It left before, or may have.
    is_copy: bool,
    /// It left now, or may have.
    has_left: AtomicBool,
    /// An earlier copy of it may have been accepted.
    doubt: Option<Box<Error>>,
    /// What the journal has of it, where it turned out to be accepted while another copy was about to leave.
    settled: OnceLock<Box<Record>>,
}

/// What became of a message that the journal let go.
pub(crate) struct Told {
    pub(crate) key: String,
    pub(crate) result: Result<SentMessage>,
    /// It was accepted before, and nothing of it left now.
    pub(crate) replayed: bool,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("key", &self.entry.key).finish_non_exhaustive()
    }
}

impl Ticket {
    /// Writes down what became of the message, and returns what is told of it.
    ///
    /// Where that cannot be written, it is told all the same: it is the truth, and a journal that lacks it takes the message
    /// for unknown, which is safe.
    pub(crate) async fn end(self: Arc<Self>, client: &Client, result: Result<SentMessage>) -> Told {
        if let Some(record) = self.settled.get() {
            self.run.0.ledger.settled(&self.entry, record);
            let (result, replayed) = (Ok(record.sent()), !self.has_left.load(Ordering::Relaxed));
            return Told { key: self.key(), result, replayed };
        }
        // What became of this copy says nothing of the one before, unless this one was accepted.
        let result = match (result, &self.doubt) {
            (Err(_), Some(doubt)) => Err(Error::clone(doubt)),
            (result, _) => result,
        };
        let ending = Ending::of(&result, (self.run.0.now_ms)());
        if let Err(error) = self.run.0.ledger.end(&self.entry, &ending).await {
            lacks(client, &error);
        }
        Told { key: self.key(), result, replayed: false }
    }

    fn key(self: Arc<Self>) -> String {
        // The call has ended, and nobody else has it any more.
        Arc::try_unwrap(self).map_or_else(|ticket| ticket.entry.key.clone(), |ticket| ticket.entry.key)
    }

    async fn intend(&self) -> Result<()> {
        match self.run.0.ledger.intend(&self.entry, self.is_copy).await? {
            None => {
                self.has_left.store(true, Ordering::Relaxed);
                Ok(())
            }
            Some(record) => {
                let _ = self.settled.set(record);
                Err(settled())
            }
        }
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
        Box::pin(self.intend())
    }

    fn attempt_came_to_nothing(&self) {
        self.has_left.store(false, Ordering::Relaxed);
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
