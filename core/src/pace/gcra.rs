//! The arithmetic of pace: a generic cell rate algorithm on a small record. Pure; every time is given.
//!
//! One theoretical arrival time is kept for all who share the record: the moment of the next free slot. A slot that nobody
//! asked for is gone, so a stall is never made up in a burst, and a server that counts any one-second window sees no more
//! than the rate (but for jitter, which the margin covers).

use std::time::Duration;

use crate::store::Record;

/// How far ahead slots may be reserved: what a process that dies has stranded, at most.
pub(super) const HORIZON_US: u64 = 200_000;

/// After a pause of this long connections are cold: the first messages arrive late by a handshake, and bunched with those
/// behind them …
const COLD_AFTER_US: u64 = 1_000_000;
/// … so the second that they share with them runs slower by this factor. Measured against a server that counts any
/// second: every refusal of a fresh bulk came right after the first second's worth of messages.
const WARM_UP: f64 = 1.05;

/// Full pace, in thousandths.
const FULL: u64 = 1000;
/// A refusal takes a fifth of the pace …
const SLOW_DOWN: u64 = 800;
/// … of which a hundredth comes back each second …
const RECOVERY_PER_S: u64 = 10;
/// … and it never falls below a twentieth, since a server that refuses everything is another problem.
const SLOWEST: u64 = 50;
/// Refusals within this time are one: they answer requests that were in flight together.
const SAME_REFUSAL_US: u64 = 1_000_000;

/// The meaning of a record's words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct State {
    /// The next free slot.
    next_us: u64,
    /// Nothing goes before this time.
    hold_until_us: u64,
    /// Thousandths of the pace that were taken away at `slowed_at_us`.
    lost: u64,
    slowed_at_us: u64,
    /// Refusals in a row.
    refusals: u64,
    /// When sending began again after a pause.
    begun_us: u64,
}

impl From<Record> for State {
    fn from(Record([next_us, hold_until_us, lost, slowed_at_us, refusals, begun_us]): Record) -> Self {
        State { next_us, hold_until_us, lost, slowed_at_us, refusals, begun_us }
    }
}

impl From<State> for Record {
    fn from(state: State) -> Self {
        let State { next_us, hold_until_us, lost, slowed_at_us, refusals, begun_us } = state;
        Record([next_us, hold_until_us, lost, slowed_at_us, refusals, begun_us])
    }
}

/// The pace that is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pace {
    /// Time between two slots at full pace.
    pub(super) interval_us: f64,
}

impl Pace {
    /// `per_second` messages, less `margin` (0.03 for 3 %). At 0 there is no limit, and slots take no time.
    pub(super) fn new(per_second: f64, margin: f64) -> Self {
        let interval_us = if per_second > 0.0 { 1_000_000.0 / (per_second * (1.0 - margin)) } else { 0.0 };
        Pace { interval_us }
    }
}

/// Slots that were reserved: the first at `first_us`, the others each `interval_us` later.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slots {
    pub(super) first_us: u64,
    pub(super) interval_us: u64,
    pub(super) count: u32,
}

/// The answer to a reservation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reservation {
    Granted(Slots),
    /// Nothing is free within the horizon: ask again at this time.
    NotBefore(u64),
}

impl State {
    /// Thousandths of the pace that are allowed now.
    fn allowed(&self, now_us: u64) -> u64 {
        let recovered = now_us.saturating_sub(self.slowed_at_us) * RECOVERY_PER_S / 1_000_000;
        FULL - self.lost.saturating_sub(recovered).min(FULL - SLOWEST)
    }

    /// Reserves up to `want` slots.
    pub(super) fn reserve(&mut self, now_us: u64, pace: Pace, want: u32) -> Reservation {
        if self.next_us == 0 || now_us > self.next_us + COLD_AFTER_US {
            self.begun_us = now_us;
        }
        let is_cold = now_us < self.begun_us + COLD_AFTER_US;
        let slower = if is_cold { WARM_UP } else { 1.0 } * FULL as f64 / self.allowed(now_us) as f64;
        let interval_us = (pace.interval_us * slower).ceil() as u64;
        // A record of another boot or a broken clock must not stall anybody for longer than its own hold.
        let first_us = self.next_us.min(now_us + HORIZON_US + interval_us).max(now_us).max(self.hold_until_us);
        if first_us > now_us + HORIZON_US {
            return Reservation::NotBefore(first_us - HORIZON_US);
        }
        let fit = (now_us + HORIZON_US - first_us) / interval_us.max(1) + 1;
        let count = u32::try_from(fit).unwrap_or(u32::MAX).min(want);
        self.next_us = first_us + interval_us * u64::from(count);
        Reservation::Granted(Slots { first_us, interval_us, count })
    }

    /// The number was refused for its pace: it slows down and stands still for a moment that doubles with each refusal in
    /// a row. Meta counts incoming messages too, so the right pace cannot be known beforehand.
    pub(super) fn refused(&mut self, now_us: u64) {
        if self.refusals > 0 && now_us.saturating_sub(self.slowed_at_us) < SAME_REFUSAL_US {
            return;
        }
        let allowed = self.allowed(now_us);
        let in_a_row = allowed < FULL && self.refusals > 0;
        self.refusals = if in_a_row { self.refusals + 1 } else { 1 };
        self.lost = FULL - (allowed * SLOW_DOWN / FULL).max(SLOWEST);
        self.slowed_at_us = now_us;
        // Meta's window is a second: a quarter of it empties enough of it for the slower pace.
        let pause_us = 250_000 << (self.refusals - 1).min(7);
        self.hold(now_us, Duration::from_micros(pause_us));
    }

    /// Nothing goes for `pause`.
    pub(super) fn hold(&mut self, now_us: u64, pause: Duration) {
        let until_us = now_us + u64::try_from(pause.as_micros()).unwrap_or(u64::MAX / 2);
        self.hold_until_us = self.hold_until_us.max(until_us);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pace() -> Pace {
        Pace::new(80.0, 0.03)
    }

    fn granted(reservation: Reservation) -> Slots {
        match reservation {
            Reservation::Granted(slots) => slots,
            Reservation::NotBefore(at) => panic!("nothing before {at}"),
        }
    }

    /// A state that has been sending for more than a second, with its next slot at `now_us`.
    fn warm(now_us: u64) -> State {
        State { next_us: now_us, begun_us: now_us - 2 * COLD_AFTER_US, ..State::default() }
    }

    #[test]
    fn slots_follow_each_other_at_the_rate() {
        let mut state = warm(3_000_000);
        let first = granted(state.reserve(3_000_000, pace(), 1));
        let second = granted(state.reserve(3_000_000, pace(), 1));
        assert_eq!(first.first_us, 3_000_000);
        assert_eq!(second.first_us - first.first_us, 12_887);
    }

    #[test]
    fn the_first_second_after_a_pause_is_slower() {
        let mut state = State::default();
        assert_eq!(granted(state.reserve(5_000_000, pace(), 1)).interval_us, 13_531);
        assert_eq!(granted(state.reserve(5_999_999, pace(), 1)).interval_us, 13_531);
        assert_eq!(granted(state.reserve(6_500_000, pace(), 1)).interval_us, 12_887);
        assert_eq!(granted(state.reserve(9_000_000, pace(), 1)).interval_us, 13_531, "after another pause");
    }

    #[test]
    fn nothing_is_reserved_beyond_the_horizon() {
        let mut state = warm(3_000_000);
        let slots = granted(state.reserve(3_000_000, pace(), 1000));
        assert_eq!(slots.count, 16);
        assert_eq!(state.reserve(3_000_000, pace(), 1), Reservation::NotBefore(3_000_000 + 16 * 12_887 - HORIZON_US));
    }

    #[test]
    fn a_stall_is_not_made_up() {
        let mut state = warm(3_000_000);
        granted(state.reserve(3_000_000, pace(), 1));
        let slots = granted(state.reserve(3_900_000, pace(), 3));
        assert_eq!((slots.first_us, slots.interval_us), (3_900_000, 12_887));
    }

    #[test]
    fn a_refusal_slows_down_and_the_pace_comes_back() {
        let mut state = State::default();
        state.refused(0);
        assert_eq!(state.allowed(0), 800);
        assert_eq!(state.reserve(0, pace(), 1), Reservation::NotBefore(50_000));
        state.refused(500_000);
        assert_eq!(state.allowed(500_000), 805, "a second refusal of the same moment counts once");
        assert_eq!(state.allowed(20_000_000), FULL);
    }

    #[test]
    fn a_hold_is_never_shortened() {
        let mut state = State::default();
        state.hold(0, Duration::from_secs(60));
        state.hold(0, Duration::from_secs(1));
        assert_eq!(state.reserve(0, pace(), 1), Reservation::NotBefore(60_000_000 - HORIZON_US));
    }

    proptest! {
        /// Whatever is asked for and whenever, no window of a second holds more slots than the rate.
        #[test]
        fn no_second_holds_more_than_the_rate(
            rate in 1_u32..1200,
            asks in prop::collection::vec((0_u64..400_000, 1_u32..50), 1..200),
        ) {
            let pace = Pace::new(f64::from(rate), 0.03);
            let mut state = State::default();
            let (mut now_us, mut taken) = (1_000_000, Vec::new());
            for (later_us, want) in asks {
                now_us += later_us;
                if let Reservation::Granted(slots) = state.reserve(now_us, pace, want) {
                    prop_assert!(slots.first_us >= now_us);
                    let last = slots.first_us + slots.interval_us * u64::from(slots.count - 1);
                    prop_assert!(last <= now_us + HORIZON_US);
                    taken.extend((0..slots.count).map(|n| slots.first_us + slots.interval_us * u64::from(n)));
                }
            }
            prop_assert!(taken.is_sorted());
            for (index, begin) in taken.iter().enumerate() {
                let within = taken[index..].iter().take_while(|at| **at < begin + 1_000_000).count();
                prop_assert!(within <= rate as usize, "{within} slots in a second at {rate}/s");
            }
        }

        /// Holds and refusals never let anything through earlier.
        #[test]
        fn a_hold_holds(pause_ms in 1_u64..100_000, at in 0_u64..1_000_000_000) {
            let mut state = State::default();
            state.hold(at, Duration::from_millis(pause_ms));
            match state.reserve(at, pace(), 1) {
                Reservation::Granted(slots) => prop_assert!(slots.first_us >= at + pause_ms * 1000),
                Reservation::NotBefore(again) => prop_assert!(again + HORIZON_US >= at + pause_ms * 1000),
            }
        }
    }
}
