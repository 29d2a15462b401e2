//! What the loop tells and counts while it goes on.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use super::{Call, Throttle};
use crate::client::Client;
use crate::client::counters::Now;
use crate::client::event::{Event, EventCall, Level, why};
use crate::error::Error;
use crate::graph::Acceptance;
use crate::message::Invalid;
use crate::outcome::{Effect, Outcome};

/// Waits that are no longer than this need no explanation.
const MOMENT: Duration = Duration::from_secs(1);

impl Client {
    /// Counts and tells of a message or call that was refused before it could begin.
    pub(crate) fn refused(&self, operation: &'static str, effect: Effect, invalid: Invalid) -> Error {
        let is_message = effect == Effect::Message;
        let error = Error::from(Invalid { only_reads: effect == Effect::Read, ..invalid });
        if is_message {
            self.counters.ended(error.outcome());
        }
        self.tell(Level::Info, || {
            Event::outcome(EventCall { operation, tracker: None, to: None }, is_message, Some(&error))
        });
        error
    }
}

impl Call<'_> {
    fn told(&self) -> EventCall {
        EventCall {
            operation: self.attempted.operation,
            tracker: self.attempted.tracker.clone(),
            to: self.is_content_told().then(|| self.recipient.clone()),
        }
    }

    fn is_content_told(&self) -> bool {
        self.client.settings().log_content && self.attempted.is_message
    }

    /// Waits for the pace, and says so when that is more than a moment.
    pub(super) async fn waiting<T>(&self, slot: impl Future<Output = T>) -> T {
        let _waiting = self.client.counters.waiting();
        let level = if self.how.waits_for_ever { Level::Debug } else { Level::Info };
        if !self.client.is_heard(level) {
            return slot.await;
        }
        let mut slot = pin!(slot);
        tokio::select! {
            biased;
            slot = &mut slot => return slot,
            () = tokio::time::sleep(MOMENT) => {}
        }
        let waited_ms = milliseconds(MOMENT);
        self.client.tell(level, || Event::Wait { call: self.told(), waited_ms, bulk: self.how.waits_for_ever });
        slot.await
    }

    /// A request goes out, and is on its way for as long as what comes back lives.
    pub(super) fn tell_attempt(&self) -> Now<'_> {
        self.client.tell(Level::Debug, || Event::Attempt {
            call: self.told(),
            attempt: self.attempted.attempts,
            body: self.is_content_told().then(|| self.body.json()),
        });
        self.client.counters.attempt()
    }

    pub(super) fn tell_throttle(&self, throttle: &Throttle) {
        self.client.counters.throttled(throttle.scope);
        let retry_after_ms = throttle.retry_after.map(milliseconds);
        self.client.tell(Level::Info, || Event::throttled(self.told(), throttle.scope, throttle.code, retry_after_ms));
    }

    /// Another attempt follows. `may_be_twice`: the message may have been accepted already.
    pub(super) fn tell_retry(&self, error: &Error, pause: Duration, may_be_twice: bool) {
        self.client.counters.retried();
        let level = if may_be_twice { Level::Warning } else { Level::Info };
        self.client.tell(level, || {
            let (reason, cause) = why(error);
            Event::Retry {
                call: self.told(),
                attempt: self.attempted.attempts,
                reason: reason.unwrap_or("token_refused"),
                cause,
                pause_ms: milliseconds(pause),
                may_be_twice,
            }
        });
    }

    /// The call has ended.
    pub(super) fn tell_outcome(&self, error: Option<&Error>) {
        if self.attempted.is_message {
            self.client.counters.ended(error.map_or(Outcome::Accepted, Error::outcome));
        }
        self.client.tell(Level::Info, || {
            let mut event = Event::outcome(self.told(), self.attempted.is_message, error);
            if let Event::Outcome { id, request_id, attempts, elapsed_ms, .. } = &mut event {
                *id = self.answer.as_deref().and_then(Acceptance::read).map(|accepted| accepted.id);
                request_id.clone_from(&self.request_id);
                (*attempts, *elapsed_ms) = (self.attempted.attempts, milliseconds(self.begun.elapsed()));
            }
            event
        });
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
