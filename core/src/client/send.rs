//! The one way out: every call goes through this loop. Wait for the pace, send, learn what became of it, and repeat only
//! what certainly did not happen.

mod how;
mod judging;
mod repeating;
mod telling;
mod waiting;

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::body::Outgoing;
use super::operation::{Answered, Operation, Request, RequestBody};
use super::settings::Secret;
use super::{CallMeta, Client, SentMessage, token, upload};
use crate::error::{Attempted, Error, NotSentReason, Result};
use crate::graph::Method;
use crate::graph::codes::{ErrorClass, Scope};
use crate::outcome::{Doubt, Effect, Outcome};
use crate::pace::Turn;
pub(crate) use how::How;

/// A call on its way.
struct Call<'c> {
    client: &'c Client,
    how: How,
    effect: Effect,
    /// The code of an error whose body may be an answer.
    partial: Option<i64>,
    method: Method,
    path: String,
    /// How the token is announced.
    scheme: &'static str,
    body: Outgoing,
    /// Who the message goes to, as the pace knows them; empty for calls that send none.
    recipient: String,
    /// Where it stood in the queue of the pace.
    turn: Option<Turn>,
    attempted: Attempted,
    /// Whether it went out again although an earlier attempt may have been accepted.
    resent: bool,
    begun: Instant,
    request_id: Option<String>,
    /// The body of the 2xx that ended it.
    answer: Option<Bytes>,
}

/// Reads the body of a 2xx and keeps what it says; false when it is not this call's answer.
///
/// The loop knows no more of an operation's result, so it is compiled once and not for each of them.
type Read<'r> = dyn FnMut(&Answered<'_>) -> bool + Send + 'r;

/// What an attempt means for the call.
enum Next {
    Done,
    /// The same request works later.
    Later(Throttle),
    /// Certainly not done: repeating is safe.
    Again(Error),
    /// Perhaps done.
    Perhaps(Error, Doubt),
    /// A token that a function gave is worn out.
    RenewToken(Error),
    Fail(Error),
}

impl Next {
    /// Whether the request went out, or may have.
    fn has_left(&self) -> bool {
        match self {
            Next::Again(_) => false,
            Next::Fail(error) => error.outcome() != Outcome::NotSent,
            Next::Done | Next::Later(_) | Next::Perhaps(..) | Next::RenewToken(_) => true,
        }
    }
}

struct Throttle {
    error: Error,
    scope: Scope,
    code: Option<i64>,
    retry_after: Option<Duration>,
    /// Whether a call on its own waits for it.
    is_short: bool,
}

/// Carries out an operation.
pub(crate) async fn run<O: Operation>(client: &Client, operation: O, how: How) -> Result<O::Output> {
    if O::NEEDS_ACCOUNT {
        check_account(client, O::NAME)?;
    }
    let request =
        operation.request(&client.context()).map_err(|invalid| client.refused(O::NAME, O::EFFECT, invalid))?;
    carry(client, (O::NAME, O::EFFECT, O::PARTIAL), request, how, O::answer).await
}

/// Refuses a call that needs the business account where the client does not know it.
pub(crate) fn check_account(client: &Client, operation: &str) -> Result<()> {
    if client.business_account_id().is_some() {
        return Ok(());
    }
    Err(Error::config(
        "business_account_id",
        format!(
            "is needed by {operation} and was not given (WA_BUSINESS_ACCOUNT_ID in the environment): it is the id of the \
             WhatsApp Business Account, which Meta's dashboard (API setup) shows beside the id of the number"
        ),
    ))
}

/// Sends a message, whatever made it.
pub(super) async fn send(client: &Client, request: Request, how: How) -> Result<SentMessage> {
    let sent = carry(client, ("send", Effect::Message, None), request, how, SentMessage::from_answer).await?;
    client.pacer().accepted(&sent.to, sent.wa_id.as_deref().or(sent.user_id.as_deref())).await;
    Ok(sent)
}

/// Carries out a request, whose answer `answer` reads.
pub(super) async fn carry<T: Send>(
    client: &Client,
    call: (&'static str, Effect, Option<i64>),
    request: Request,
    how: How,
    mut answer: impl FnMut(&Answered<'_>) -> Option<T> + Send,
) -> Result<T> {
    let mut output = None;
    let mut read = |answered: &Answered<'_>| {
        output = answer(answered);
        output.is_some()
    };
    carry_out(client, call, request, how, &mut read).await?;
    output.ok_or_else(|| Error::Internal {
        message: "a call ended well without an answer".to_owned(),
        may_have_been_sent: true,
    })
}

async fn carry_out(
    client: &Client,
    (operation, effect, partial): (&'static str, Effect, Option<i64>),
    mut request: Request,
    how: How,
    read: &mut Read<'_>,
) -> Result<()> {
    if let RequestBody::Message(payload) = &request.body
        && let Some(template) = payload.template()
    {
        let checked = client.check_template(template, &how).await;
        checked.map_err(|invalid| client.refused(operation, effect, invalid))?;
    }
    let (tracker, recipient) = match &mut request.body {
        RequestBody::Message(payload) => {
            let made_up = || how.witness.as_ref().and_then(|witness| witness.tracker()).unwrap_or_else(made_up_tracker);
            (payload.settle_tracker(made_up), payload.address().to_owned())
        }
        _ => (None, String::new()),
    };
    let template = match &request.body {
        RequestBody::Message(payload) => payload.template().map(|template| template.name.clone()),
        _ => None,
    };
    let mut call = Call {
        client,
        how,
        effect,
        partial,
        method: request.method,
        path: request.endpoint.path(&client.settings().api_version),
        scheme: request.endpoint.scheme(),
        body: Outgoing::Json(Bytes::new()),
        recipient,
        turn: None,
        attempted: Attempted { operation, is_message: effect == Effect::Message, tracker, attempts: 0 },
        resent: false,
        begun: Instant::now(),
        request_id: None,
        answer: None,
    };
    let result = call.with_body(&mut request.body, read).await;
    let result = result.map_err(|error| error.after(call.attempted.attempts, call.resent));
    if let Some(name) = &template
        && let Err(Error::Api(error)) = &result
        && error.class == ErrorClass::Template
    {
        // It is not what it was taken for.
        client.forget_templates(Some(name));
    }
    call.tell_outcome(result.as_ref().err());
    result
}

/// A tracker of our own: unguessable, so that nobody can settle somebody else's message.
fn made_up_tracker() -> String {
    format!("wac-{:032x}", rand::random::<u128>())
}

impl Call<'_> {
    /// Uploads what a message wants, writes the body, and sends it. A message that is refused for the id of an upload goes out
    /// once more with a new one.
    async fn with_body(&mut self, body: &mut RequestBody, read: &mut Read<'_>) -> Result<()> {
        let mut is_second = false;
        loop {
            let used = match body {
                RequestBody::Message(payload) if !payload.wanted().is_empty() => {
                    upload::settle(self.client, payload, &self.how, &self.attempted).await?
                }
                _ => Vec::new(),
            };
            self.body = match &*body {
                RequestBody::Upload(file, expected) => upload::form(self.client, file, *expected).await?,
                RequestBody::Bare(file) => file.outgoing(self.client),
                json => Outgoing::Json(json.to_bytes().map_err(|error| Error::Internal {
                    message: format!("a request could not be written as JSON: {error}"),
                    may_have_been_sent: false,
                })?),
            };
            match self.repeat(read).await {
                Err(error) if !used.is_empty() => {
                    let is_worth_it = upload::forget_refused(self.client, used, &error).await;
                    if is_second || !is_worth_it {
                        return Err(error);
                    }
                    self.came_to_nothing(&None);
                    is_second = true;
                }
                result => return result,
            }
        }
    }

    /// Lets whoever has to know that nothing is on its way while it waits for another attempt.
    fn came_to_nothing(&self, doubt: &Option<Error>) {
        if let Some(witness) = &self.how.witness
            && doubt.is_none()
        {
            witness.attempt_came_to_nothing();
        }
    }

    /// One request, which ends at `deadline`; the call does at `until`.
    async fn attempt(&mut self, deadline: Instant, until: Instant, read: &mut Read<'_>) -> Next {
        let client = self.client;
        let token = match token::at_hand(client.fixed_token(), client.token_cache()) {
            Some(token) => Ok(token),
            // Boxed: it is seldom needed, and every message under way would have room for it.
            None => Box::pin(self.ask_for_token(until)).await,
        };
        let token = match token {
            Ok(token) => token,
            Err(error) => return Next::Fail(error),
        };
        self.attempted.attempts += 1;
        let in_flight = self.tell_attempt();
        let (target, token) = ((self.method, self.path.as_str()), (self.scheme, &token));
        let exchange = client.transport().exchange(target, &self.body, token, deadline, &self.how.cancel);
        let exchanged = exchange.await;
        drop(in_flight);
        match exchanged {
            Ok(Ok(answer)) => self.judge_answer(answer, read),
            Ok(Err(no_answer)) => self.judge_silence(no_answer),
            Err(error) => Next::Fail(error),
        }
    }

    /// Asks for a token until the call is over.
    async fn ask_for_token(&self, until: Instant) -> Result<Secret> {
        let client = self.client;
        tokio::select! {
            token = token::token(None, client.token_cache(), client.token_source(), &self.attempted) => token,
            () = self.how.cancel.cancelled() => Err(self.cancelled()),
            () = tokio::time::sleep_until(until) => Err(token::not_in_time(&self.attempted)),
        }
    }

    /// What a call is told that was answered.
    fn answered<'a>(&'a self, body: &'a [u8]) -> Answered<'a> {
        Answered {
            body,
            recipient: &self.recipient,
            tracker: self.attempted.tracker.as_deref(),
            meta: CallMeta {
                attempts: self.attempted.attempts,
                elapsed_ms: u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
                request_id: self.request_id.clone(),
            },
        }
    }

    fn cancelled(&self) -> Error {
        Error::not_sent(NotSentReason::Cancelled, "it was cancelled before anything went out", self.attempted.clone())
    }
}
