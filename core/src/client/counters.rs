//! What a client has done so far, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::graph::codes::Scope;
use crate::outcome::Outcome;

/// What a client has done since it was made, together with its copies.
///
/// A call whose future was dropped has no outcome, and is counted under none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct ClientStats {
    /// How many messages Meta accepted.
    pub accepted: u64,
    /// How many messages Meta refused.
    pub rejected: u64,
    /// How many messages certainly did not reach Meta, those with mistakes among them.
    pub not_sent: u64,
    /// Of how many messages it is not known whether Meta accepted them.
    pub unknown: u64,
    /// How many requests went out or were tried, of calls that send no message, too.
    pub attempts: u64,
    /// How many of them repeated one that had failed. Waiting for the rate limit is no failure.
    pub retries: u64,
    /// How many requests Meta refused because the recipient had got too many (131056).
    pub throttled_pair: u64,
    /// How many requests Meta refused because of the number's pace (130429), or while the number was under maintenance.
    pub throttled_number: u64,
    /// How many requests Meta refused because of the account's pace.
    pub throttled_account: u64,
    /// How many requests Meta refused because of the app's pace.
    pub throttled_app: u64,
    /// How long messages have waited for the rate limit, all together, in milliseconds.
    pub waited_ms: u64,
    /// How many requests are on their way now.
    pub in_flight: u64,
    /// How many messages wait for the rate limit now.
    pub waiting: u64,
}

/// Counts for a client and its copies.
#[derive(Debug, Default)]
pub struct Counters {
    outcomes: [AtomicU64; 4],
    attempts: AtomicU64,
    retries: AtomicU64,
    throttled: [AtomicU64; 4],
    waited_us: AtomicU64,
    in_flight: AtomicU64,
    waiting: AtomicU64,
}

/// Counts one up for as long as it lives: also when a future is dropped.
pub(super) struct Now<'c>(&'c AtomicU64);

impl Drop for Now<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counters {
    /// What has been counted so far.
    pub fn read(&self) -> ClientStats {
        let value = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let [accepted, rejected, not_sent, unknown] = self.outcomes.each_ref().map(value);
        let [throttled_pair, throttled_number, throttled_account, throttled_app] = self.throttled.each_ref().map(value);
        ClientStats {
            accepted,
            rejected,
            not_sent,
            unknown,
            attempts: value(&self.attempts),
            retries: value(&self.retries),
            throttled_pair,
            throttled_number,
            throttled_account,
            throttled_app,
            waited_ms: value(&self.waited_us) / 1_000,
            in_flight: value(&self.in_flight),
            waiting: value(&self.waiting),
        }
    }

    pub(super) fn ended(&self, outcome: Outcome) {
        let [accepted, rejected, not_sent, unknown] = &self.outcomes;
        add(
            match outcome {
                Outcome::Accepted => accepted,
                Outcome::Rejected => rejected,
                Outcome::NotSent => not_sent,
                Outcome::Unknown => unknown,
            },
            1,
        );
    }

    pub(super) fn throttled(&self, scope: Scope) {
        let [pair, number, account, app] = &self.throttled;
        add(
            match scope {
                Scope::Pair => pair,
                Scope::Number => number,
                Scope::Account => account,
                Scope::App => app,
            },
            1,
        );
    }

    pub(super) fn retried(&self) {
        add(&self.retries, 1);
    }

    pub(super) fn waited(&self, time: Duration) {
        add(&self.waited_us, u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// A request is on its way.
    pub(super) fn attempt(&self) -> Now<'_> {
        add(&self.attempts, 1);
        begin(&self.in_flight)
    }

    /// A message waits for the rate limit.
    pub(super) fn waiting(&self) -> Now<'_> {
        begin(&self.waiting)
    }
}

// Nothing else hangs on these numbers, so no order among them is needed.
fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

fn begin(gauge: &AtomicU64) -> Now<'_> {
    add(gauge, 1);
    Now(gauge)
}
