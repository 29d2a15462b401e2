//! The arithmetic of pace: a generic cell rate algorithm on a small record. Pure; every time is given.
//!
//! One theoretical arrival time is kept for all who share the record: the moment of the next free slot. A slot that nobody
//! asked for is gone, so a stall is never made up in a burst, and a server that counts any one-second window sees no more
//! than the rate (but for jitter, which the margin covers).

use std::time::Duration;

use super::adapt::{Ceiling, FULL, SLOWEST};
use crate::outcome;
use crate::store::Record;

/// How far ahead slots may be reserved: what a process that dies has stranded, at most.
pub(super) const HORIZON: Duration = Duration::from_millis(200);
const HORIZON_US: u64 = HORIZON.as_micros() as u64;

/// After a pause of this long connections are cold: the first messages arrive late by a handshake, and bunched with those
/// behind them …
const COLD_AFTER_US: u64 = 1_000_000;
/// … so the second that they share with them runs slower by this factor. Measured against a server that counts any
/// second: every refusal of a fresh bulk came right after the first second's worth of messages.
const WARM_UP: f64 = 1.03;

/// Refusals within this time are one: they answer requests that were in flight together.
const SAME_REFUSAL_US: u64 = 1_000_000;
/// A refusal this soon after the pause for the last one is in a row with it.
const ROW_ENDS_AFTER_US: u64 = 1_000_000;
/// Meta's window is a second: a quarter of it empties enough of it for the slower pace.
const PAUSE_US: u64 = 250_000;
/// Pauses in a row double up to 8 s.
const LONGEST_PAUSES: u64 = 5;
/// Refusals in a row share a word with the rate.
const ROW_BITS: u32 = 16;
/// What a level that was asked for is worth: Meta raises numbers by itself, seldom.
const LEVEL_GOOD_FOR_US: u64 = 3_600_000_000;
/// A hold beyond the longest is of another clock; the minute stands clocks of servers that are estimated.
const LONGEST_HOLD_SEEN_US: u64 = (outcome::LONGEST_HOLD.as_secs() + 60) * 1_000_000;

/// The meaning of a record's words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct State {
    /// The next free slot.
    next_us: u64,
    /// Nothing goes before this time.
    hold_until_us: u64,
    ceiling: Ceiling,
    /// The rate of which the ceiling tells thousandths, in messages in a thousand seconds; 0 if it had none. Who shares the
    /// number may have set another one.
    ceiling_rate: u64,
    /// Refusals in a row.
    in_a_row: u64,
    /// When sending began again after a pause.
    begun_us: u64,
    /// Some recipient is held back until then: entries must be looked at, also where there is no pair limit.
    pairs_held_until_us: u64,
    /// What Meta allows the number, in messages a second, and when it said so.
    level: u64,
    level_us: u64,
    /// All refusals for pace, and when the last one was.
    refused: u64,
    refused_us: u64,
}

impl From<Record> for State {
    fn from(Record(words): Record) -> Self {
        let [next_us, hold_until_us, refused_at, left, since_us, in_a_row, begun_us, pairs, level, level_us, rest @ ..] =
            words;
        State {
            next_us,
            hold_until_us,
            ceiling: Ceiling { refused_at, left, since_us },
            ceiling_rate: in_a_row >> ROW_BITS,
            in_a_row: in_a_row & ((1 << ROW_BITS) - 1),
            begun_us,
            pairs_held_until_us: pairs,
            level,
            level_us,
            refused: rest[0],
            refused_us: rest[1],
        }
    }
}

impl From<State> for Record {
    fn from(state: State) -> Self {
        let Ceiling { refused_at, left, since_us } = state.ceiling;
        Record([
            state.next_us,
            state.hold_until_us,
            refused_at,
            left,
            since_us,
            state.ceiling_rate << ROW_BITS | state.in_a_row.min((1 << ROW_BITS) - 1),
            state.begun_us,
            state.pairs_held_until_us,
            state.level,
            state.level_us,
            state.refused,
            state.refused_us,
        ])
    }
}

/// The pace that is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pace {
    /// Time between two slots at full pace.
    pub(super) interval_us: f64,
    /// Messages in a thousand seconds, without the margin.
    rate: u64,
}

impl Pace {
    /// `per_second` messages, less `margin` (0.03 for 3 %). At 0 there is no limit, and slots take no time.
    pub(super) fn new(per_second: f64, margin: f64) -> Self {
        let interval_us = if per_second > 0.0 { 1_000_000.0 / (per_second * (1.0 - margin)) } else { 0.0 };
        Pace { interval_us, rate: (per_second * 1_000.0) as u64 }
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
    /// Which share of the pace is allowed now, of 1.
    pub(super) fn share(&self, now_us: u64, pace: Pace) -> f64 {
        let allowed = self.ceiling.allowed(now_us);
        if allowed == FULL {
            return 1.0;
        }
        (allowed as f64 / FULL as f64 * self.ceiling_of(pace)).clamp(SLOWEST as f64 / FULL as f64, 1.0)
    }

    /// What a thousandth of the ceiling is in thousandths of this pace.
    fn ceiling_of(&self, pace: Pace) -> f64 {
        if self.ceiling_rate == 0 || pace.rate == 0 { 1.0 } else { self.ceiling_rate as f64 / pace.rate as f64 }
    }

    /// Time between two slots now.
    fn interval_us(&self, now_us: u64, pace: Pace) -> u64 {
        let is_cold = now_us < self.begun_us + COLD_AFTER_US;
        let slower = if is_cold { WARM_UP } else { 1.0 } / self.share(now_us, pace);
        (pace.interval_us * slower).ceil() as u64
    }

    /// Where the next slot is, whatever became of the clock meanwhile: a record of another boot must not stall anybody.
    fn first_us(&self, now_us: u64, interval_us: u64) -> u64 {
        self.next_us.min(now_us + HORIZON_US + interval_us).max(now_us + self.held_us(now_us))
    }

    /// For how long nothing goes yet, in microseconds.
    fn held_us(&self, now_us: u64) -> u64 {
        let held_us = self.hold_until_us.saturating_sub(now_us);
        if held_us > LONGEST_HOLD_SEEN_US { 0 } else { held_us }
    }

    /// How many slots [`State::reserve`] could give now.
    pub(super) fn free(&self, now_us: u64, pace: Pace) -> u32 {
        let interval_us = self.interval_us(now_us, pace);
        let first_us = self.first_us(now_us, interval_us);
        match (now_us + HORIZON_US).checked_sub(first_us) {
            Some(left_us) => u32::try_from(left_us / interval_us.max(1) + 1).unwrap_or(u32::MAX),
            None => 0,
        }
    }

    /// When the slot would be that is behind so many free ones.
    pub(super) fn slot_us(&self, now_us: u64, pace: Pace, behind: usize) -> u64 {
        let interval_us = self.interval_us(now_us, pace);
        self.first_us(now_us, interval_us) + interval_us * behind as u64
    }

    /// Reserves up to `want` slots.
    pub(super) fn reserve(&mut self, now_us: u64, pace: Pace, want: u32) -> Reservation {
        // Without a limit slots take no time, and nobody has to remember them.
        if pace.interval_us > 0.0 && (self.next_us == 0 || now_us > self.next_us + COLD_AFTER_US) {
            self.begun_us = now_us;
        }
        let interval_us = self.interval_us(now_us, pace);
        let first_us = self.first_us(now_us, interval_us);
        let count = self.free(now_us, pace).min(want);
        if count == 0 {
            return Reservation::NotBefore(first_us.saturating_sub(HORIZON_US));
        }
        if interval_us > 0 {
            self.next_us = first_us + interval_us * u64::from(count);
        }
        Reservation::Granted(Slots { first_us, interval_us, count })
    }

    /// The number was refused for its pace: it slows down and stands still for a moment that doubles with each refusal in
    /// a row.
    pub(super) fn refused(&mut self, now_us: u64, pace: Pace) {
        self.refused += 1;
        self.refused_us = now_us;
        if self.ceiling.refused_at > 0 && now_us.saturating_sub(self.ceiling.since_us) < SAME_REFUSAL_US {
            return;
        }
        let is_in_a_row = self.ceiling.refused_at > 0 && now_us < self.hold_until_us + ROW_ENDS_AFTER_US;
        self.in_a_row = if is_in_a_row { self.in_a_row + 1 } else { 0 };
        self.ceiling = self.ceiling.of_another_rate(self.ceiling_of(pace)).refused(now_us, is_in_a_row);
        self.ceiling_rate = pace.rate;
        self.hold(now_us, Duration::from_micros(PAUSE_US << self.in_a_row.min(LONGEST_PAUSES)));
    }

    /// Nothing goes for `pause`.
    pub(super) fn hold(&mut self, now_us: u64, pause: Duration) {
        let held_us = u64::try_from(pause.min(outcome::LONGEST_HOLD).as_micros()).unwrap_or(0);
        self.hold_until_us = now_us + held_us.max(self.held_us(now_us));
    }

    /// Some recipient is held back.
    pub(super) fn hold_pair(&mut self, until_us: u64) {
        self.pairs_held_until_us = self.pairs_held_until_us.max(until_us);
    }

    /// Whether any recipient may be held back.
    pub(super) fn holds_pairs(&self, now_us: u64) -> bool {
        self.pairs_held_until_us > now_us
    }

    /// What Meta allows the number, if it has been asked of late.
    pub(super) fn level(&self, now_us: u64) -> Option<u32> {
        let is_fresh = now_us >= self.level_us && now_us - self.level_us < LEVEL_GOOD_FOR_US;
        u32::try_from(self.level).ok().filter(|level| *level > 0 && is_fresh)
    }

    pub(super) fn set_level(&mut self, now_us: u64, level: u32) {
        self.level = u64::from(level);
        self.level_us = now_us;
    }

    /// For how long nothing goes yet.
    pub(super) fn held_for(&self, now_us: u64) -> Duration {
        Duration::from_micros(self.held_us(now_us))
    }

    /// Refusals for pace so far, and how long ago the last one was.
    pub(super) fn refusals(&self, now_us: u64) -> (u64, Option<Duration>) {
        let ago = || Duration::from_micros(now_us.saturating_sub(self.refused_us));
        (self.refused, (self.refused > 0).then(ago))
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
        assert_eq!(granted(state.reserve(5_000_000, pace(), 1)).interval_us, 13_274);
        assert_eq!(granted(state.reserve(5_999_999, pace(), 1)).interval_us, 13_274);
        assert_eq!(granted(state.reserve(6_500_000, pace(), 1)).interval_us, 12_887);
        assert_eq!(granted(state.reserve(9_000_000, pace(), 1)).interval_us, 13_274, "after another pause");
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
        state.refused(10_000_000, pace());
        assert_eq!(state.share(10_000_000, pace()), 0.8);
        assert_eq!(state.reserve(10_000_000, pace(), 1), Reservation::NotBefore(10_050_000));
        state.refused(10_500_000, pace());
        assert!(state.share(10_500_000, pace()) >= 0.8, "a second refusal of the same moment counts once");
        assert_eq!(state.refusals(11_500_000), (2, Some(Duration::from_secs(1))));
        assert_eq!(state.share(30_000_000, pace()), 1.0);
    }

    #[test]
    fn pauses_double_while_everything_is_refused() {
        let (mut state, mut now_us) = (State::default(), 10_000_000);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            state.refused(now_us, pace());
            pauses.push(state.held_for(now_us).as_millis());
            now_us += SAME_REFUSAL_US.max(u64::try_from(pauses[pauses.len() - 1]).unwrap() * 1_000);
        }
        assert_eq!(pauses, [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        state.refused(now_us + 60_000_000, pace());
        assert_eq!(state.held_for(now_us + 60_000_000).as_millis(), 250);
    }

    #[test]
    fn what_was_learnt_at_one_rate_holds_for_another() {
        // Refused at 25 of 80 a second: nothing of that concerns who sends 20 …
        let mut state = State { ceiling: Ceiling { refused_at: 312, left: 250, since_us: 0 }, ..State::default() };
        state.ceiling_rate = 80_000;
        let slow = Pace::new(20.0, 0.03);
        assert_eq!(state.share(1, slow), 1.0);
        // … and who is set to 1,000 is as slow as the others.
        let fast = Pace::new(1_000.0, 0.0);
        assert_eq!(state.share(1, fast), SLOWEST as f64 / FULL as f64);
        assert_eq!(state.share(1, Pace::new(160.0, 0.03)), 0.125);
        // Another refusal at the slow rate counts from there.
        state.refused(5_000_000, slow);
        assert_eq!(state.share(5_000_000, slow), 0.8);
    }

    #[test]
    fn words_and_meaning_are_the_same() {
        let words = Record(std::array::from_fn(|n| n as u64 + 1));
        assert_eq!(Record::from(State::from(words)), words);
    }

    #[test]
    fn a_hold_is_never_shortened() {
        let mut state = State::default();
        state.hold(0, Duration::from_secs(60));
        state.hold(0, Duration::from_secs(1));
        assert_eq!(state.reserve(0, pace(), 1), Reservation::NotBefore(60_000_000 - HORIZON_US));
    }

    #[test]
    fn a_hold_lasts_an_hour_at_most() {
        const HOUR_US: u64 = 3_600_000_000;
        for pause in [Duration::from_secs(86_400), Duration::from_secs(u64::MAX), Duration::MAX] {
            let mut state = State::default();
            state.hold(5, pause);
            assert_eq!(state.held_for(5), Duration::from_secs(3_600), "{pause:?}");
            assert_eq!(state.reserve(5, pace(), 1), Reservation::NotBefore(5 + HOUR_US - HORIZON_US), "{pause:?}");
            assert_eq!(granted(state.reserve(5 + HOUR_US, pace(), 1)).first_us, 5 + HOUR_US, "{pause:?}");
        }
        // What no version could have written is of another clock: it holds nobody, and hides no hold that follows.
        let mut state = State { hold_until_us: u64::MAX / 2, ..State::default() };
        assert_eq!((state.held_for(5), granted(state.reserve(5, pace(), 1)).first_us), (Duration::ZERO, 5));
        state.hold(5, Duration::from_secs(60));
        assert_eq!(state.held_for(5), Duration::from_secs(60));
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
