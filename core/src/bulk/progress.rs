//! How far a bulk is.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::outcome::Outcome;

/// How far a bulk is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct BulkProgress {
    /// How many messages have an outcome.
    pub done: u64,
    /// How many messages there are, if that is known.
    pub total: Option<u64>,
    /// How many Meta accepted.
    pub accepted: u64,
    /// How many Meta refused.
    pub rejected: u64,
    /// How many certainly did not reach Meta.
    pub not_sent: u64,
    /// Of how many it is not known whether Meta accepted them.
    pub unknown: u64,
    /// How many of them were told from a journal instead of being sent now.
    pub replayed: u64,
    /// How many messages a journal did not know. In a campaign that goes on these are messages that the list did not have
    /// before: nobody has got them.
    pub new_keys: u64,
    /// Messages a second, over the last ten seconds.
    pub rate: f64,
    /// How long the bulk has been going on, in milliseconds.
    pub elapsed_ms: u64,
    /// How long the rest takes at this rate, in milliseconds, if that can be said.
    pub eta_ms: Option<u64>,
}

/// Over how long the rate is taken: long enough to be steady, short enough to notice a pause.
const WINDOW: Duration = Duration::from_secs(10);

/// Counts outcomes. Clones count together.
#[derive(Debug, Clone)]
pub(super) struct Tally(Arc<Mutex<Counts>>);

#[derive(Debug)]
struct Counts {
    total: Option<u64>,
    /// When the first message was taken.
    begun: Option<Instant>,
    accepted: u64,
    rejected: u64,
    not_sent: u64,
    unknown: u64,
    replayed: u64,
    new_keys: u64,
    /// How many were done by when: about one for each of the last seconds.
    marks: VecDeque<(Instant, u64)>,
}

impl Tally {
    pub(super) fn new(total: Option<u64>) -> Self {
        Tally(Arc::new(Mutex::new(Counts {
            total,
            begun: None,
            accepted: 0,
            rejected: 0,
            not_sent: 0,
            unknown: 0,
            replayed: 0,
            new_keys: 0,
            marks: VecDeque::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message is taken: the first one begins the time.
    pub(super) fn begin(&self, now: Instant) {
        let mut counts = self.lock();
        if counts.begun.is_none() {
            counts.begun = Some(now);
            counts.marks.push_back((now, 0));
        }
    }

    /// A message is new to the journal.
    pub(super) fn met_new(&self) {
        self.lock().new_keys += 1;
    }

    pub(super) fn count(&self, outcome: Outcome, is_replayed: bool, now: Instant) {
        let mut counts = self.lock();
        counts.replayed += u64::from(is_replayed);
        match outcome {
            Outcome::Accepted => counts.accepted += 1,
            Outcome::Rejected => counts.rejected += 1,
            Outcome::NotSent => counts.not_sent += 1,
            Outcome::Unknown => counts.unknown += 1,
        }
        let done = counts.done();
        if counts.marks.back().is_none_or(|(at, _)| now - *at >= Duration::from_secs(1)) {
            counts.marks.push_back((now, done));
        }
        // The newest that is old enough is needed, and none before it.
        while counts.marks.get(1).is_some_and(|(at, _)| now - *at >= WINDOW) {
            counts.marks.pop_front();
        }
    }

    pub(super) fn progress(&self, now: Instant) -> BulkProgress {
        self.lock().progress(now)
    }
}

impl Counts {
    fn done(&self) -> u64 {
        self.accepted + self.rejected + self.not_sent + self.unknown
    }

    fn progress(&self, now: Instant) -> BulkProgress {
        let done = self.done();
        let rate = self.rate(now);
        let left = self.total.map(|total| total.saturating_sub(done));
        let eta_ms = match left {
            Some(0) => Some(0),
            Some(left) if rate > 0.0 => Some((left as f64 / rate * 1000.0).round() as u64),
            _ => None,
        };
        BulkProgress {
            done,
            total: self.total,
            accepted: self.accepted,
            rejected: self.rejected,
            not_sent: self.not_sent,
            unknown: self.unknown,
            replayed: self.replayed,
            new_keys: self.new_keys,
            rate,
            elapsed_ms: self.begun.map_or(0, |begun| millis(now - begun)),
            eta_ms,
        }
    }

    fn rate(&self, now: Instant) -> f64 {
        let old_enough = self.marks.iter().rev().find(|(at, _)| now - *at >= WINDOW);
        let Some((since, before)) = old_enough.or_else(|| self.marks.front()) else { return 0.0 };
        let seconds = (now - *since).as_secs_f64();
        if seconds > 0.0 { (self.done() - before) as f64 / seconds } else { 0.0 }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// When progress is worth telling: at once, then ten times a second as long as something happens, once a second when
/// nothing does.
#[derive(Debug, Default)]
pub(super) struct Watch {
    ticks: Option<Interval>,
    told: Option<u64>,
    quiet: u32,
}

const TICK: Duration = Duration::from_millis(100);

/// Ticks without news after which the time alone is news.
const QUIET: u32 = 10;

impl Watch {
    /// Ready when it is time to tell that `done` are done. Must be polled within a tokio runtime.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, done: u64) -> Poll<()> {
        let ticks = self.ticks.get_or_insert_with(|| {
            let mut ticks = tokio::time::interval(TICK);
            // Who was not asked for a while has nothing to make up for.
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        while ticks.poll_tick(cx).is_ready() {
            self.quiet += 1;
            if self.told != Some(done) || self.quiet >= QUIET {
                (self.told, self.quiet) = (Some(done), 0);
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: f64) -> Duration {
        Duration::from_secs_f64(n)
    }

    #[test]
    fn before_the_first_message_nothing_is_known() {
        let tally = Tally::new(Some(10));
        let progress = tally.progress(Instant::now());
        assert_eq!(progress, BulkProgress { total: Some(10), ..BulkProgress::default() });
    }

    #[test]
    fn outcomes_are_counted_each_for_itself() {
        let (tally, now) = (Tally::new(None), Instant::now());
        tally.begin(now);
        for (outcome, times) in
            [(Outcome::Accepted, 4), (Outcome::Rejected, 3), (Outcome::NotSent, 2), (Outcome::Unknown, 1)]
        {
            (0..times).for_each(|_| tally.count(outcome, false, now));
        }
        let told = tally.progress(now + seconds(2.0));
        assert_eq!((told.done, told.accepted, told.rejected, told.not_sent, told.unknown), (10, 4, 3, 2, 1));
        assert_eq!((told.rate, told.elapsed_ms, told.eta_ms), (5.0, 2_000, None));
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let (tally, begun) = (Tally::new(Some(2_000)), Instant::now());
        tally.begin(begun);
        // 10 a second for a minute, then 50 a second for a quarter.
        for n in 0..600 {
            tally.count(Outcome::Accepted, false, begun + seconds(f64::from(n) / 10.0));
        }
        let told = tally.progress(begun + seconds(60.0));
        assert!((told.rate - 10.0).abs() < 0.5, "{told:?}");
        for n in 0..750 {
            tally.count(Outcome::Accepted, false, begun + seconds(60.0 + f64::from(n) / 50.0));
        }
        let told = tally.progress(begun + seconds(75.0));
        assert!((told.rate - 50.0).abs() < 1.0, "{told:?}");
        let expected_ms = 650.0 / told.rate * 1000.0;
        assert!((told.eta_ms.unwrap() as f64 - expected_ms).abs() < 2.0, "{told:?}");
        // A pause shows.
        let told = tally.progress(begun + seconds(95.0));
        assert!(told.rate < 5.0, "{told:?}");
        assert!(tally.lock().marks.len() <= 12, "{}", tally.lock().marks.len());
    }

    #[test]
    fn what_is_all_done_takes_no_time() {
        let (tally, now) = (Tally::new(Some(1)), Instant::now());
        tally.begin(now);
        tally.count(Outcome::Accepted, false, now);
        tally.count(Outcome::Accepted, false, now);
        // Also when there were more than was said.
        assert_eq!(tally.progress(now + seconds(1.0)).eta_ms, Some(0));
    }

    #[tokio::test(start_paused = true)]
    async fn news_is_told_ten_times_a_second_and_none_once() {
        let mut watch = Watch::default();
        let begun = Instant::now();
        let mut told = Vec::new();
        for done in [0, 1, 2, 2, 2] {
            std::future::poll_fn(|cx| watch.poll(cx, done)).await;
            told.push((Instant::now() - begun).as_millis());
        }
        assert_eq!(told, [0, 100, 200, 1_200, 2_200]);
    }
}
