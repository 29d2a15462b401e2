//! Waiting for the pace, and what Meta's refusals tell it.

use std::time::Duration;

use tokio::time::Instant;

use super::Client;
use super::event::{Event, Level};
use crate::graph::codes::Scope;
use crate::outcome;
use crate::pace::{Ask, Priority, Refusal, TooLate, Turn};

/// Meta's code for a number under maintenance, such as a throughput upgrade: about a minute.
const MAINTENANCE: i64 = 131_057;

/// A refusal for pace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Throttled {
    pub(super) scope: Scope,
    pub(super) code: Option<i64>,
    pub(super) retry_after: Option<Duration>,
    /// How often the call was throttled before.
    pub(super) before: u32,
}

impl Client {
    /// Waits until a message may go, at most until `deadline`. `turn` is where it stood when it had a slot before; returns
    /// where it stood now, if it stood anywhere.
    pub(super) async fn wait_for_slot(
        &self,
        (priority, recipient, deadline, turn): (Priority, &str, Option<Instant>, Option<Turn>),
    ) -> Result<Option<Turn>, TooLate> {
        let limits = self.ask_limits().await;
        while let Some(until) = self.app().until().await {
            if deadline.is_some_and(|deadline| deadline < until) {
                return Err(TooLate::held("Meta holds the app", until));
            }
            tokio::time::sleep_until(until).await;
        }
        let slot = self.pacer().slot(Ask { limits, priority, recipient, deadline, turn }).await;
        if let Some(notice) = self.pacer().take_notice() {
            self.warn(notice);
        }
        slot
    }

    /// Tells the pace of a refusal: it holds back whatever Meta's limit counts.
    pub(super) async fn hold_back(&self, throttled: Throttled, recipient: &str) {
        let Throttled { scope, code, retry_after, before } = throttled;
        let backoff = || outcome::backoff(before, rand::random());
        let refusal = match (scope, retry_after) {
            (Scope::Pair, wait) => Refusal::Pair(recipient, wait),
            (Scope::Number, None) if code != Some(MAINTENANCE) => Refusal::Throughput(self.limits()),
            (_, wait) => Refusal::Pause(wait.unwrap_or_else(backoff)),
        };
        if let (Scope::App, Refusal::Pause(pause)) = (scope, refusal) {
            self.app().hold(pause).await;
        }
        self.pacer().refused(refusal, code).await;
    }

    /// Something about the pace that whoever runs this should know.
    pub(super) fn warn(&self, message: String) {
        self.tell(Level::Warning, || Event::Warning { subject: "pace", message });
    }
}
