//! The loop around the attempts of a call: what it waits for, and what the last attempt means for the next one.

use std::time::Duration;

use tokio::time::Instant;

use super::{Call, Next, Read, Throttle};
use crate::client::settings::OnUnknown;
use crate::client::upload;
use crate::client::wait::Throttled;
use crate::error::{Error, NotSentReason, Result};
use crate::graph::codes::Scope;
use crate::outcome::{self, Doubt, Effect, Outcome};

impl Call<'_> {
    /// Attempts it until there is an answer, or no use in another attempt.
    pub(super) async fn repeat(&mut self, read: &mut Read<'_>) -> Result<()> {
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
        // What the last attempt came to.
        let mut last: Option<Error> = None;
        let mut renewed = false;
        // Once an attempt may have been accepted, no later failure makes the outcome certain again.
        let mut doubt: Option<Error> = None;
        let mut deadline: Option<Instant> = None;
        loop {
            // Whatever became of the last attempt, Meta may have counted it: each has a slot of its own.
            if let Err(error) = self.wait_for_slot(&mut wait_left, deadline).await {
                return Err(doubt.unwrap_or_else(|| without_slot(last, error, renewed)));
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
            let next = self.attempt(until.min(Instant::now() + attempt), until, read).await;
            self.resent |= doubt.is_some() && next.has_left();
            drop(line);
            let error = match next {
                Next::Done => return Ok(()),
                Next::Fail(error) => return Err(self.last_word(doubt, error)),
                Next::RenewToken(error) if renewed => return Err(self.last_word(doubt, error)),
                Next::RenewToken(error) => {
                    renewed = true;
                    self.came_to_nothing(&doubt);
                    self.tell_retry(&error, Duration::ZERO, false);
                    // That the old token is refused says nothing of the next one, for which there may be no slot.
                    last = None;
                    continue;
                }
                Next::Later(throttle) => {
                    self.tell_throttle(&throttle);
                    // Waiting for the pace costs neither retries nor budget; a new slot begins a new time for the call.
                    let waits = self.waits_out(&throttle);
                    let Throttle { scope, code, retry_after, .. } = throttle;
                    // Everything that the limit counts must know, however long it lasts. Only messages are paced; but of an
                    // app's refusal all its numbers must know.
                    if self.attempted.is_message || scope == Scope::App {
                        let throttled = Throttled { scope, code, retry_after, before: throttles };
                        self.client.hold_back(throttled, &self.recipient).await;
                    }
                    if !waits {
                        return Err(self.last_word(doubt, throttle.error));
                    }
                    self.came_to_nothing(&doubt);
                    throttles += 1;
                    last = Some(throttle.error);
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
            last = Some(error);
        }
    }

    /// Whether the call waits until the refusal is over. A long one is the caller's to plan; a bulk has no better plan for
    /// its messages than to go on when they are let in again.
    fn waits_out(&self, throttle: &Throttle) -> bool {
        self.attempted.is_message && (throttle.is_short || self.how.waits_for_ever)
    }

    /// How a call ends that may have been carried out before. A refusal tells where a call that does no harm twice stands;
    /// it does not tell whether an earlier copy of a message went out.
    fn last_word(&self, doubt: Option<Error>, error: Error) -> Error {
        let is_settled = self.effect.is_repeatable() && error.outcome() == Outcome::Rejected;
        if is_settled { error } else { doubt.unwrap_or(error) }
    }
}

/// How a call ends that got no slot for another attempt: as the last one says. Only who cancels what has certainly not
/// arrived hears that instead.
fn without_slot(last: Option<Error>, error: Error, renewed: bool) -> Error {
    let is_cancelled = matches!(&error, Error::NotSent(error) if error.reason == NotSentReason::Cancelled);
    match (last, error) {
        (Some(last), _) if !(is_cancelled && last.outcome() == Outcome::NotSent) => last,
        (None, Error::NotSent(mut error)) if renewed && error.reason == NotSentReason::MaxWait => {
            error.cause = format!("the access token was worn out, and for another one {}", error.cause);
            Error::NotSent(error)
        }
        (_, error) => error,
    }
}
