//! The two limits of sending: throughput per phone number and pair rate per recipient. Pure: the time is given.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(1);
/// Meta's page "Throughput": one message per 6 s to one user.
const PAIR_INTERVAL: Duration = Duration::from_secs(6);
/// The same page: up to 45 messages at once, borrowed from the time that follows.
const PAIR_BURST: u32 = 45;
/// Recipients whose debt is paid are forgotten when so many are known.
const PRUNE_ABOVE: usize = 10_000;

/// When each of the last messages of a number was let through.
#[derive(Debug, Default)]
pub(crate) struct SlidingWindow {
    passed: VecDeque<Instant>,
}

impl SlidingWindow {
    /// Whether one more message at `now` keeps every window of one second at or under `rate` (0: no limit).
    fn has_room(&mut self, now: Instant, rate: u32) -> bool {
        while self.passed.front().is_some_and(|first| now.saturating_duration_since(*first) >= WINDOW) {
            self.passed.pop_front();
        }
        rate == 0 || self.passed.len() < rate as usize
    }

    fn count(&mut self, now: Instant) {
        self.passed.push_back(now);
    }
}

/// How far each recipient has borrowed from the future.
#[derive(Debug, Default)]
pub(crate) struct PairLimit {
    paid_until: HashMap<String, Instant>,
}

impl PairLimit {
    /// Whether `recipient` may get one more message at `now`; counts it if so.
    pub(crate) fn admit(&mut self, now: Instant, recipient: &str) -> bool {
        if self.paid_until.len() >= PRUNE_ABOVE && !self.paid_until.contains_key(recipient) {
            self.paid_until.retain(|_, until| *until > now);
        }
        let until = self.paid_until.get(recipient).copied().unwrap_or(now).max(now);
        let admitted = until.duration_since(now) <= PAIR_INTERVAL * (PAIR_BURST - 1);
        if admitted {
            self.paid_until.insert(recipient.to_owned(), until + PAIR_INTERVAL);
        }
        admitted
    }
}

/// Both limits, for every phone number.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    numbers: HashMap<String, (SlidingWindow, PairLimit)>,
}

/// Which limit was hit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Over {
    Throughput,
    Pair,
}

impl Limits {
    pub(crate) fn admit(
        &mut self,
        now: Instant,
        number: &str,
        recipient: &str,
        rate: u32,
        pair: bool,
    ) -> Result<(), Over> {
        if !self.numbers.contains_key(number) {
            self.numbers.insert(number.to_owned(), Default::default());
        }
        let Some((window, pairs)) = self.numbers.get_mut(number) else {
            return Ok(());
        };
        // A message that either limit refuses must not use up the other.
        if !window.has_room(now, rate) {
            return Err(Over::Throughput);
        }
        if pair && !pairs.admit(now, recipient) {
            return Err(Over::Pair);
        }
        window.count(now);
        Ok(())
    }

    /// Counts a message that came in. Meta's page "Throughput": the limit is that of both directions together; nothing that
    /// people write is refused.
    pub(crate) fn count(&mut self, now: Instant, number: &str) {
        let (window, _) = self.numbers.entry(number.to_owned()).or_default();
        // Forgets what is a second old, so that those who only write leave nothing behind.
        window.has_room(now, 0);
        window.count(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl SlidingWindow {
        fn admit(&mut self, now: Instant, rate: u32) -> bool {
            let room = self.has_room(now, rate);
            if room {
                self.count(now);
            }
            room
        }
    }

    #[test]
    fn what_one_limit_refuses_does_not_use_up_the_other() {
        let start = Instant::now();
        let mut limits = Limits::default();
        for _ in 0..44 {
            assert_eq!(limits.admit(start, "1", "a", 0, true), Ok(()));
        }
        let later = start + WINDOW;
        assert_eq!(limits.admit(later, "1", "b", 1, true), Ok(()));
        assert_eq!(limits.admit(later, "1", "a", 1, true), Err(Over::Throughput));
        assert_eq!(limits.admit(later, "1", "a", 0, true), Ok(()), "the 45th was not used up");
        assert_eq!(limits.admit(later, "1", "a", 0, true), Err(Over::Pair));
        assert_eq!(limits.admit(later, "2", "a", 1, true), Ok(()), "another number has limits of its own");
    }

    #[test]
    fn no_window_of_a_second_holds_more_than_the_rate() {
        let start = Instant::now();
        let mut window = SlidingWindow::default();
        let mut passed = Vec::new();
        // Offered unevenly: bursts and gaps, about 250 a second for 4 s.
        for i in 0..1000u64 {
            let now = start + Duration::from_millis(i * 4 + (i % 7) * (i % 3) / 2);
            if window.admit(now, 80) {
                passed.push(now);
            }
        }
        assert!(passed.len() >= 4 * 80 - 80, "{}", passed.len());
        for (i, from) in passed.iter().enumerate() {
            let within = passed[i..].iter().take_while(|t| t.duration_since(*from) < WINDOW).count();
            assert!(within <= 80, "{within} in the second from message {i}");
        }
    }

    #[test]
    fn a_slot_is_free_again_after_exactly_a_second() {
        let start = Instant::now();
        let mut window = SlidingWindow::default();
        assert!(window.admit(start, 1));
        assert!(!window.admit(start + Duration::from_micros(999_999), 1));
        assert!(window.admit(start + WINDOW, 1));
    }

    #[test]
    fn refused_messages_do_not_count_and_zero_is_no_limit() {
        let start = Instant::now();
        let mut window = SlidingWindow::default();
        let mut unlimited = SlidingWindow::default();
        assert!((0..10_000).all(|_| unlimited.admit(start, 0)));
        assert_eq!((0..100).filter(|_| window.admit(start, 80)).count(), 80);
        assert_eq!((0..100).filter(|_| window.admit(start + WINDOW, 80)).count(), 80);
    }

    #[test]
    fn a_recipient_gets_a_burst_and_then_one_per_six_seconds() {
        let start = Instant::now();
        let mut pairs = PairLimit::default();
        assert_eq!((0..100).filter(|_| pairs.admit(start, "a")).count(), 45);
        assert!(pairs.admit(start, "b"), "others are not affected");
        assert!(!pairs.admit(start + Duration::from_millis(5_999), "a"));
        assert!(pairs.admit(start + Duration::from_secs(6), "a"));
        assert!(!pairs.admit(start + Duration::from_secs(6), "a"));
    }

    #[test]
    fn paid_up_recipients_are_forgotten() {
        let start = Instant::now();
        let mut pairs = PairLimit::default();
        for i in 0..PRUNE_ABOVE {
            pairs.admit(start, &i.to_string());
        }
        pairs.admit(start + Duration::from_secs(7), "late");
        assert_eq!(pairs.paid_until.len(), 1);
    }
}
