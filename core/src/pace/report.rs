//! What is going on, for people and dashboards.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Limits, Pace, Pacer, Seen, State};

/// The pace of a number, at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct PaceReport {
    /// Where the pace is to be kept, as set: `process`, `host` or `redis`. A warning told when it could not be.
    pub store: String,
    /// Messages a second that the number is allowed, as set or found out; 0 where there is no limit.
    pub rate: f64,
    /// Messages a second that go now: a little less, and less still for a while after Meta has refused; 0 where there is no
    /// limit.
    pub current_rate: f64,
    /// Messages of this process that wait for their turn.
    pub waiting: u64,
    /// Those of them that wait because their recipient has had enough for now.
    pub parked: u64,
    /// For how many milliseconds nothing goes from the number, because Meta has refused; 0 when it is not held back.
    pub held_back_ms: u64,
    /// How often Meta has refused the number's pace (130429), by all who share it.
    pub refused: u64,
    /// How long ago that last was, in milliseconds.
    pub last_refused_ms: Option<u64>,
    /// The code of the last refusal for any limit that this process has met.
    pub last_code: Option<i64>,
}

impl Pacer {
    /// What is going on. Of a distant store it tells what it said last.
    pub(crate) fn report(&self, limits: Limits, app_until: Option<Instant>) -> PaceReport {
        self.look();
        let seen = *self.seen();
        let now = Instant::now();
        let now_us = seen.now_us_at(now);
        let (waiting, parked) = self.queue.len();
        let (refused, last_refused) = seen.state.refusals(now_us);
        let held = seen.state.held_for(now_us).max(app_until.map_or(Duration::ZERO, |until| until - now));
        let share = seen.state.share(now_us, Pace::new(limits.per_second, super::MARGIN));
        PaceReport {
            store: self.store.to_owned(),
            rate: limits.per_second,
            current_rate: limits.per_second * (1.0 - super::MARGIN) * share,
            waiting: waiting as u64,
            parked: parked as u64,
            held_back_ms: ms(held),
            refused,
            last_refused_ms: last_refused.map(ms),
            last_code: seen.last_code,
        }
    }

    /// Looks into the book, where that takes no waiting.
    fn look(&self) {
        let looked = self.book.update_now(|page| (State::from(*page.record), page.now_us));
        if let Some((state, now_us)) = looked {
            let mut seen = self.seen();
            *seen = Seen { state, now_us, at: Instant::now(), ..*seen };
        }
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
