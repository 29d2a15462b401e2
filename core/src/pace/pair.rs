//! Recipients whom Meta's pair rate limit holds back.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::outcome;

/// How many recipients are remembered. Refusals are rare; beyond this the oldest holds are over anyway.
const REMEMBERED: usize = 10_000;

/// Holds after 131056, by recipient.
#[derive(Default)]
pub(super) struct PairHolds {
    holds: Mutex<HashMap<String, Hold>>,
}

struct Hold {
    until: Instant,
    /// Refusals in a row, this one included.
    refusals: u32,
}

impl PairHolds {
    /// Until when the recipient is held back, if it is.
    pub(super) fn until(&self, recipient: &str) -> Option<Instant> {
        let holds = self.holds();
        holds.get(recipient).map(|hold| hold.until).filter(|until| *until > Instant::now())
    }

    /// Another refusal: the hold is four times as long as the last one, or as long as Meta said.
    pub(super) fn hold(&self, recipient: &str, retry_after: Option<Duration>) {
        let now = Instant::now();
        let mut holds = self.holds();
        if holds.len() >= REMEMBERED && !holds.contains_key(recipient) {
            holds.retain(|_, hold| hold.until > now);
        }
        if holds.len() >= REMEMBERED && !holds.contains_key(recipient) {
            return;
        }
        let hold = holds.entry(recipient.to_owned()).or_insert(Hold { until: now, refusals: 0 });
        hold.until = hold.until.max(now + retry_after.unwrap_or_else(|| outcome::pair_hold(hold.refusals)));
        hold.refusals += 1;
    }

    /// The recipient gets messages again.
    pub(super) fn accepted(&self, recipient: &str) {
        let mut holds = self.holds();
        if !holds.is_empty() {
            holds.remove(recipient);
        }
    }

    fn holds(&self) -> MutexGuard<'_, HashMap<String, Hold>> {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
