//! How many messages of a bulk are on their way at once.
//!
//! Over HTTP/1.1 each needs a connection to itself, and a connection takes some 45 KB: nearly all of it buffers and queues of
//! HTTP itself, whatever of them is ever used. Where answers come within milliseconds a few connections carry whatever a
//! bulk gives them. So a message that finds many under way waits a moment for one of them to end. Where answers take longer,
//! there soon are as many under way as the window allows.
//!
//! This is for clients without a limit of rate. With one, the rate and the answers' time decide how many are under way, and
//! a slot of the pace would be lost by waiting. A message takes its place last, when a journal has it on record that it may
//! leave: those that wait for the disk together need no connection meanwhile.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// So many go at once.
const AT_ONCE: usize = 32;
/// Far longer than an answer that is near takes, also on a busy machine; and only at the beginning does anybody notice.
const PATIENCE: Duration = Duration::from_millis(250);

/// The messages that may be under way at once.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    free: Arc<Semaphore>,
}

/// A place among them, until it is dropped.
#[derive(Debug)]
pub(crate) struct Line {
    lines: Lines,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Lines { free: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// A place that is free, or a further one when none is in time.
    pub(crate) async fn take(&self) -> Line {
        // Mostly there is one, and no timer is needed.
        let permit = match self.free.try_acquire() {
            Ok(permit) => Some(permit),
            Err(_) => tokio::time::timeout(PATIENCE, self.free.acquire()).await.ok().and_then(Result::ok),
        };
        if let Some(permit) = permit {
            permit.forget();
        }
        Line { lines: self.clone() }
    }
}

impl Drop for Line {
    /// A further one stays: what made it needed lasts, and its connection is open now.
    fn drop(&mut self) {
        self.lines.free.add_permits(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn one_that_comes_free_is_taken() {
        let lines = Lines::new();
        let mut taken = Vec::new();
        for _ in 0..AT_ONCE {
            taken.push(lines.take().now_or_never().unwrap());
        }
        let mut next = Box::pin(lines.take());
        assert!((&mut next).now_or_never().is_none(), "all are in use");
        taken.pop();
        assert!(next.now_or_never().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_further_one_is_opened_after_a_moment_and_stays() {
        let lines = Lines::new();
        let begun = Instant::now();
        let mut taken = Vec::new();
        for _ in 0..=AT_ONCE {
            taken.push(lines.take().await);
        }
        assert!(begun.elapsed() >= PATIENCE && begun.elapsed() < 2 * PATIENCE);
        taken.clear();
        for _ in 0..=AT_ONCE {
            taken.push(lines.take().now_or_never().unwrap());
        }
        assert!(lines.take().now_or_never().is_none());
    }
}
