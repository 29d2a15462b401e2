//! The one way out: every call goes through this loop. Wait for the pace, send, learn what became of it, and repeat only
//! what certainly did not happen.

mod how;
mod judging;
mod telling;
mod waiting;

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::body::Outgoing;
use super::operation::{Answered, Operation, Request, RequestBody};
use super::settings::OnUnknown;
use super::wait::Throttled;
use super::{CallMeta, Client, SentMessage, token, upload};
use crate::error::{Attempted, Error, NotSentReason, Result};
use crate::graph::Method;
use crate::graph::codes::{ErrorClass, Scope};
use crate::outcome::{self, Doubt, Effect, Outcome};
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

struct Throttle {
    error: Error,
    scope: Scope,
    code: Option<i64>,
    retry_after: Option<Duration>,
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

    /// Attempts it until there is an answer, or no use in another attempt.
    async fn repeat(&mut self, read: &mut Read<'_>) -> Result<()> {
        let settings = self.client.settings();
        let for_file = upload::time_for(self.body.file_bytes());
        let of_all = settings.total_timeout + for_file * (1 + settings.max_retries);
        let total = self.how.options.timeout_ms.map_or(of_all, Duration::from_millis);
        let mut wait_left = match self.how.options.max_wait_ms {
            Some(ms) => Some(Duration::from_millis(ms)),
            None if self.how.waits_for_ever => None,
            None => Some(settings.max_wait),
        };
        let (mut retries, mut throttles) = (0, 0);
        let mut throttled: Option<Error> = None;
        let mut renewed = false;
        // Once an attempt may have been accepted, no later failure makes the outcome certain again.
        let mut doubt: Option<Error> = None;
        let mut deadline = None;
        loop {
            if deadline.is_none()
                && let Err(error) = self.wait_for_slot(&mut wait_left).await
            {
                return Err(doubt.or(throttled).unwrap_or(error));
            }
            if let Some(witness) = &self.how.witness
                && let Err(error) = witness.before_attempt().await
            {
                return Err(doubt.unwrap_or(error));
            }
            let line = self.line().await.map_err(|error| doubt.clone().unwrap_or(error))?;
            // The time for the whole call begins when the pace lets it go.
            let until = *deadline.get_or_insert_with(|| Instant::now() + total);
            let attempt = settings.attempt_timeout + for_file;
            let next = self.attempt(until.min(Instant::now() + attempt), read).await;
            drop(line);
            let error = match next {
                Next::Done => return Ok(()),
                Next::Fail(error) => return Err(self.last_word(doubt, error)),
                Next::RenewToken(error) if renewed => return Err(self.last_word(doubt, error)),
                Next::RenewToken(error) => {
                    renewed = true;
                    self.came_to_nothing(&doubt);
                    self.tell_retry(&error, Duration::ZERO, false);
                    continue;
                }
                Next::Later(throttle) => {
                    self.tell_throttle(&throttle);
                    // Waiting for the pace costs neither retries nor budget; a new slot begins a new time for the call.
                    let Throttle { scope, code, retry_after, .. } = throttle;
                    let waits = self.waits_out(&throttle);
                    // Of an app's refusal all its numbers must know, however long it lasts.
                    if waits || scope == Scope::App {
                        let throttled_now = Throttled { scope, code, retry_after, before: throttles };
                        self.client.hold_back(throttled_now, &self.recipient).await;
                    }
                    if !waits {
                        return Err(self.last_word(doubt, throttle.error));
                    }
                    self.came_to_nothing(&doubt);
                    throttles += 1;
                    throttled = Some(throttle.error);
                    deadline = None;
                    continue;
                }
                Next::Again(error) => error,
                Next::Perhaps(error, why) => {
                    let consent = settings.on_unknown == OnUnknown::Resend && self.effect == Effect::Message;
                    if why == Doubt::BrokenAnswer && !self.effect.is_repeatable()
                        || !(consent || self.effect.is_repeatable())
                    {
                        return Err(error);
                    }
                    doubt = Some(error.clone());
                    error
                }
            };
            let pause = outcome::backoff(retries, rand::random());
            if retries >= settings.max_retries || Instant::now() + pause >= until || !self.client.may_retry() {
                return Err(doubt.unwrap_or(error));
            }
            retries += 1;
            self.came_to_nothing(&doubt);
            self.tell_retry(&error, pause, doubt.is_some());
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.how.cancel.cancelled() => return Err(doubt.unwrap_or_else(|| self.cancelled())),
                () = self.how.stop.stopped() => return Err(doubt.unwrap_or(error)),
            }
            self.resent |= doubt.is_some();
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

    /// Whether the call waits until the refusal is over. A long one is the caller's to plan; a bulk has no better plan for
    /// its messages than to go on when the app is let in again.
    fn waits_out(&self, throttle: &Throttle) -> bool {
        let is_short = throttle.retry_after.is_none_or(|wait| wait <= outcome::LONGEST_RETRY_AFTER);
        self.attempted.is_message && (is_short || throttle.scope == Scope::App && self.how.waits_for_ever)
    }

    /// How a call ends that may have been carried out before. A refusal tells where a call that does no harm twice stands;
    /// it does not tell whether an earlier copy of a message went out.
    fn last_word(&self, doubt: Option<Error>, error: Error) -> Error {
        let is_settled = self.effect.is_repeatable() && error.outcome() == Outcome::Rejected;
        if is_settled { error } else { doubt.unwrap_or(error) }
    }

    async fn attempt(&mut self, deadline: Instant, read: &mut Read<'_>) -> Next {
        let client = self.client;
        let token = tokio::select! {
            token = token::token(client.fixed_token(), client.token_cache(), client.token_source(), &self.attempted) => token,
            () = self.how.cancel.cancelled() => return Next::Fail(self.cancelled()),
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
