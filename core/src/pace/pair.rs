//! The arithmetic of the pair rate: how often one recipient may get a message. Pure; every time is given.
//!
//! Meta's page "Throughput": one message in six seconds to one user, and up to 45 at once, borrowed from the time that
//! follows. It is a generic cell rate algorithm with a tolerance, on an entry of its own for each recipient.

use std::time::Duration;

use super::MARGIN;
use crate::outcome;
use crate::store::Entry;

/// So many messages may go at once to a recipient who got none for long.
const BURST: u64 = 45;

/// No hold is longer.
const LONGEST_HOLD_US: u64 = outcome::LONGEST_HOLD.as_secs() * 1_000_000;

/// A refusal this long after the hold of the last one is not in a row with it.
const ROW_ENDS_AFTER_US: u64 = 30_000_000;

/// The pace that one recipient is sent to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PairPace {
    interval_us: u64,
}

impl PairPace {
    /// `per_second` messages; none where there is no limit.
    pub(super) fn new(per_second: f64) -> Option<Self> {
        let interval_us = (1_000_000.0 / (per_second * (1.0 - MARGIN))).ceil();
        (per_second > 0.0).then_some(PairPace { interval_us: interval_us as u64 })
    }

    fn tolerance_us(self) -> u64 {
        self.interval_us * (BURST - 1)
    }
}

/// The meaning of an entry's words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pair {
    /// The time to which what was sent is paid for.
    paid_until_us: u64,
    /// Nothing goes before this time: Meta refused.
    hold_until_us: u64,
    /// Refusals in a row.
    refusals: u64,
}

impl From<Entry> for Pair {
    fn from(Entry([_, paid_until_us, hold_until_us, refusals]): Entry) -> Self {
        Pair { paid_until_us, hold_until_us, refusals }
    }
}

impl From<Pair> for Entry {
    fn from(pair: Pair) -> Self {
        let row_until_us = if pair.refusals > 0 { pair.hold_until_us.saturating_add(ROW_ENDS_AFTER_US) } else { 0 };
        Entry([pair.paid_until_us.max(row_until_us), pair.paid_until_us, pair.hold_until_us, pair.refusals])
    }
}

impl Pair {
    /// Takes one message at `at_us`, or says when there may be one.
    pub(super) fn admit(&mut self, at_us: u64, pace: Option<PairPace>) -> Result<(), u64> {
        self.bound(at_us, pace);
        if self.hold_until_us > at_us {
            return Err(self.hold_until_us);
        }
        let Some(pace) = pace else { return Ok(()) };
        let paid_until_us = self.paid_until_us.max(at_us);
        let free_us = paid_until_us.saturating_sub(pace.tolerance_us());
        if free_us > at_us {
            return Err(free_us);
        }
        self.paid_until_us = paid_until_us + pace.interval_us;
        Ok(())
    }

    /// A message that was taken did not go.
    pub(super) fn give_back(&mut self, pace: Option<PairPace>) {
        if let Some(pace) = pace {
            self.paid_until_us = self.paid_until_us.saturating_sub(pace.interval_us);
        }
    }

    /// What was counted under another name of the same person counts here, too.
    pub(super) fn take_over(&mut self, other: &Pair, now_us: u64) {
        let debt_us = other.paid_until_us.saturating_sub(now_us);
        self.paid_until_us = self.paid_until_us.max(now_us) + debt_us;
        if other.hold_until_us > self.hold_until_us {
            (self.hold_until_us, self.refusals) = (other.hold_until_us, other.refusals);
        }
    }

    /// Meta refused: the hold is four times as long as the last one in a row, or as long as Meta said. Returns its end.
    pub(super) fn refused(&mut self, now_us: u64, retry_after: Option<Duration>) -> u64 {
        self.hold_until_us = self.hold_until_us.min(now_us + LONGEST_HOLD_US);
        if now_us > self.hold_until_us + ROW_ENDS_AFTER_US {
            self.refusals = 0;
        }
        let before = u32::try_from(self.refusals).unwrap_or(u32::MAX);
        let hold = retry_after.unwrap_or_else(|| outcome::pair_hold(before));
        let hold_us = u64::try_from(hold.as_micros()).unwrap_or(u64::MAX).min(LONGEST_HOLD_US);
        // Messages that were in flight together are refused together: one hold answers them all.
        if self.refusals == 0 || now_us >= self.hold_until_us {
            self.refusals += 1;
            self.hold_until_us = now_us + hold_us;
        } else if retry_after.is_some() {
            self.hold_until_us = self.hold_until_us.max(now_us + hold_us);
        }
        self.hold_until_us
    }

    /// Meta takes messages again: the next refusal is the first of a row.
    pub(super) fn accepted(&mut self) {
        self.refusals = 0;
    }

    /// A clock that began anew, or somebody who believed a nonsense time, must not hold anybody back for longer than the
    /// rules could.
    fn bound(&mut self, at_us: u64, pace: Option<PairPace>) {
        self.hold_until_us = self.hold_until_us.min(at_us + LONGEST_HOLD_US);
        let longest_us = pace.map_or(0, |pace| pace.interval_us * (BURST + 1));
        if pace.is_some() && self.paid_until_us > at_us + longest_us {
            self.paid_until_us = at_us + longest_us;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: u64 = 1_000_000;

    fn pace() -> Option<PairPace> {
        PairPace::new(1.0 / 6.0)
    }

    #[test]
    fn a_burst_is_borrowed_from_the_time_that_follows() {
        let mut pair = Pair::default();
        let now = 100 * SECOND;
        for n in 0..45 {
            assert_eq!(pair.admit(now, pace()), Ok(()), "{n}");
        }
        let free = pair.admit(now, pace()).unwrap_err();
        assert!((now + 6 * SECOND..now + 7 * SECOND).contains(&free), "{free}");
        assert_eq!(pair.admit(free, pace()), Ok(()));
        assert!(pair.admit(free, pace()).unwrap_err() >= free + 6 * SECOND);
        assert_eq!(pair.admit(now + 600 * SECOND, pace()), Ok(()));
    }

    #[test]
    fn what_did_not_go_is_given_back() {
        let mut pair = Pair::default();
        (0..45).for_each(|_| pair.admit(SECOND, pace()).unwrap());
        assert!(pair.admit(SECOND, pace()).is_err());
        pair.give_back(pace());
        assert_eq!(pair.admit(SECOND, pace()), Ok(()));
    }

    #[test]
    fn holds_grow_fourfold_and_are_forgotten() {
        let mut pair = Pair::default();
        let mut now = 100 * SECOND;
        for seconds in [1, 4, 16, 64] {
            assert_eq!(pair.refused(now, None), now + seconds * SECOND);
            assert_eq!(pair.refused(now, None), now + seconds * SECOND, "in flight together");
            now += seconds * SECOND;
            assert_eq!(pair.admit(now - 1, None), Err(now));
        }
        now += 2 * ROW_ENDS_AFTER_US;
        assert_eq!(pair.refused(now, None), now + SECOND);
        assert_eq!(pair.refused(now, Some(Duration::from_secs(9))), now + 9 * SECOND, "Meta knows better");
    }

    #[test]
    fn a_hold_lasts_an_hour_at_most() {
        const HOUR: u64 = 3_600 * SECOND;
        for nonsense in [Duration::from_secs(86_400), Duration::from_secs(u64::MAX), Duration::MAX] {
            let mut pair = Pair::default();
            assert_eq!(pair.refused(SECOND, Some(nonsense)), SECOND + HOUR);
            assert_eq!(pair.refused(2 * SECOND, Some(nonsense)), 2 * SECOND + HOUR, "in flight together");
            assert_eq!(pair.admit(2 * SECOND + HOUR, None), Ok(()));
        }
        for written in [u64::MAX, u64::MAX / 2 + 5] {
            let mut pair = Pair::from(Entry([written, 0, written, 1]));
            assert_eq!(pair.admit(SECOND, pace()), Err(SECOND + HOUR), "as somebody else has written it");
            // It is kept, so that it ends.
            let mut pair = Pair::from(Entry::from(pair));
            assert_eq!(pair.admit(HOUR, pace()), Err(SECOND + HOUR));
            assert_eq!(pair.admit(SECOND + HOUR, pace()), Ok(()));
        }
    }

    #[test]
    fn without_a_limit_only_refusals_count() {
        let mut pair = Pair::default();
        assert!((0..1000).all(|_| pair.admit(SECOND, None).is_ok()));
        assert_eq!(Entry::from(pair), Entry::default());
        pair.refused(SECOND, None);
        assert_eq!(pair.admit(SECOND, None), Err(2 * SECOND));
    }

    #[test]
    fn an_entry_says_how_long_it_says_anything() {
        let mut pair = Pair::default();
        pair.admit(SECOND, pace()).unwrap();
        let Entry([until, ..]) = pair.into();
        assert!((7 * SECOND..8 * SECOND).contains(&until));
        assert_eq!(Pair::from(Entry::from(pair)), pair);
    }

    proptest! {
        /// Whenever messages are asked for, and however unevenly they arrive: the server's own count is never passed.
        #[test]
        fn a_strict_server_refuses_nothing(
            steps in prop::collection::vec((0_u64..20_000_000, 0_u64..150_000), 1..400),
        ) {
            let (mut pair, mut now_us) = (Pair::default(), SECOND);
            let mut server_paid_until_us = 0;
            let mut arrivals = Vec::new();
            for (later_us, latency_us) in steps {
                now_us += later_us;
                if pair.admit(now_us, pace()).is_ok() {
                    arrivals.push(now_us + latency_us);
                }
            }
            arrivals.sort_unstable();
            for at in arrivals {
                let paid: u64 = std::cmp::max(server_paid_until_us, at);
                prop_assert!(paid - at <= 44 * 6 * SECOND, "refused at {at}");
                server_paid_until_us = paid + 6 * SECOND;
            }
        }
    }
}
