//! What an attempt waits for before it goes.

use std::time::Duration;

use tokio::time::Instant;

use super::Call;
use crate::client::lines::Line;
use crate::error::{Error, NotSentReason, Result};

impl Call<'_> {
    /// Waits for the pace, no longer than `wait_left` and not beyond `until`. Only messages are paced.
    pub(super) async fn wait_for_slot(
        &mut self,
        wait_left: &mut Option<Duration>,
        until: Option<Instant>,
    ) -> Result<()> {
        if self.how.cancel.is_cancelled() {
            return Err(self.cancelled());
        }
        if !self.attempted.is_message {
            return Ok(());
        }
        let begun = Instant::now();
        let priority = self.how.options.priority.unwrap_or_default();
        let deadline = wait_left.map(|left| begun + left).into_iter().chain(until).min();
        let ask = (priority, self.recipient.as_str(), deadline, self.turn);
        let slot = tokio::select! {
            biased;
            () = self.how.cancel.cancelled() => return Err(self.cancelled()),
            () = self.how.stop.stopped() => return Err(self.stopped()),
            slot = self.waiting(self.client.wait_for_slot(ask)) => slot,
        };
        self.client.counters.waited(begun.elapsed());
        *wait_left = wait_left.map(|left| left.saturating_sub(begun.elapsed()));
        self.turn =
            slot.map_err(|late| Error::too_late(late.cause, late.retry_after, self.attempted.clone()))?.or(self.turn);
        Ok(())
    }

    /// Waits for a place among those that go at once, if they are limited.
    pub(super) async fn line(&self) -> Result<Option<Line>> {
        let Some(lines) = &self.how.lines else { return Ok(None) };
        tokio::select! {
            biased;
            () = self.how.cancel.cancelled() => Err(self.cancelled()),
            () = self.how.stop.stopped() => Err(self.stopped()),
            line = lines.take() => Ok(Some(line)),
        }
    }

    fn stopped(&self) -> Error {
        Error::not_sent(NotSentReason::Stopped, self.how.stop.cause(), self.attempted.clone())
    }
}
