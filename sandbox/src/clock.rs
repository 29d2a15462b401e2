//! The time as the sandbox has it: the system's, moved forward on request, so that no test waits for a day to pass.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The system's clock and how far it was moved.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    ahead: Duration,
}

impl Clock {
    /// Milliseconds since 1970.
    pub(crate) fn now_ms(self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + self.ahead;
        u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
    }

    /// A moment of the steady clock, moved as this one was.
    pub(crate) fn moved(self, instant: Instant) -> Instant {
        instant.checked_add(self.ahead).unwrap_or(instant)
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.ahead = self.ahead.saturating_add(by);
    }

    /// How far ahead of the system's clock it is, in milliseconds.
    pub(crate) fn ahead_ms(self) -> u64 {
        u64::try_from(self.ahead.as_millis()).unwrap_or(u64::MAX)
    }
}
