//! How a number that was refused finds its pace again. Pure.
//!
//! Meta counts incoming messages too, and numbers are allowed 20, 80 or 1,000 a second, so the right pace cannot always be
//! known beforehand. It is searched for as TCP searches for the capacity of a path, with CUBIC (RFC 9438): after a refusal
//! the pace drops by a fifth, comes back quickly to just below where it was refused, stays there for some seconds, and
//! then tries further, faster and faster. A limit that stays is met about three times a minute; one that was lifted is
//! forgotten within a minute.

/// Full pace, in thousandths.
pub(super) const FULL: u64 = 1000;
/// What a refusal leaves of the pace …
const DROP: f64 = 0.8;
/// … and one right after it: then the pace is not a little too high, but far.
const DROP_IN_A_ROW: f64 = 0.6;
/// It never falls below a twentieth, since a server that refuses everything is another problem.
pub(super) const SLOWEST: u64 = 50;
/// Thousandths per cubed second: with this, a drop by a fifth of the full pace is made up for in 20 s.
const GROWTH: f64 = 0.025;
/// RFC 9438 §4.7, fast convergence: a refusal below the last one means that the limit has come down.
const CONVERGENCE: f64 = (1.0 + DROP) / 2.0;

/// The pace after a refusal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ceiling {
    /// Where it was refused, in thousandths of the full pace. 0: never.
    pub(super) refused_at: u64,
    /// What was left then.
    pub(super) left: u64,
    pub(super) since_us: u64,
}

impl Ceiling {
    /// Thousandths of the full pace that are allowed now.
    pub(super) fn allowed(&self, now_us: u64) -> u64 {
        if self.refused_at == 0 {
            return FULL;
        }
        let (refused_at, left) = (self.refused_at as f64, self.left as f64);
        let seconds = now_us.saturating_sub(self.since_us) as f64 / 1_000_000.0;
        let plateau = ((refused_at - left).max(0.0) / GROWTH).cbrt();
        let allowed = refused_at + GROWTH * (seconds - plateau).powi(3);
        (allowed as u64).clamp(self.left, FULL)
    }

    /// The same in thousandths of another rate.
    pub(super) fn of_another_rate(&self, factor: f64) -> Self {
        let times = |thousandths: u64| ((thousandths as f64 * factor) as u64).min(FULL);
        Ceiling { refused_at: times(self.refused_at), left: times(self.left), since_us: self.since_us }
    }

    /// The pace after a refusal at `now_us`.
    pub(super) fn refused(&self, now_us: u64, in_a_row: bool) -> Self {
        let at = self.allowed(now_us);
        let left = at as f64 * if in_a_row { DROP_IN_A_ROW } else { DROP };
        let has_come_down = self.refused_at > 0 && at < self.refused_at;
        let refused_at = if has_come_down { at as f64 * CONVERGENCE } else { at as f64 };
        let left = (left as u64).max(SLOWEST);
        Ceiling { refused_at: (refused_at as u64).max(left), left, since_us: now_us }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    #[test]
    fn a_single_refusal_is_made_up_for_in_twenty_seconds() {
        let ceiling = Ceiling::default().refused(100 * SECOND, false);
        let after = |seconds: u64| ceiling.allowed((100 + seconds) * SECOND);
        assert_eq!([after(0), after(5), after(10), after(15), after(20)], [800, 915, 975, 996, 1000]);
        assert_eq!(after(1_000), FULL);
    }

    #[test]
    fn a_lifted_limit_is_forgotten_within_a_minute() {
        let ceiling = Ceiling { refused_at: 250, left: 200, since_us: 0 };
        assert!(ceiling.allowed(13 * SECOND) >= 249 && ceiling.allowed(18 * SECOND) <= 260, "stays there for a while");
        assert_eq!(ceiling.allowed(60 * SECOND), FULL);
    }

    #[test]
    fn it_never_stands_still() {
        let mut ceiling = Ceiling::default();
        for n in 0..100 {
            ceiling = ceiling.refused(n * 10_000, true);
            assert!(ceiling.allowed(n * 10_000) >= SLOWEST);
        }
        assert_eq!(ceiling.left, SLOWEST);
    }

    /// A server that allows `limit` thousandths, seen for ten minutes: refusals, and the share of what it allows that was
    /// used.
    fn search(limit: u64) -> (u32, f64) {
        let (mut ceiling, mut refusals, mut used) = (Ceiling::default(), 0, 0.0);
        let mut last = None;
        for second in 0..600 {
            let now = second * SECOND;
            let allowed = ceiling.allowed(now);
            if allowed > limit {
                ceiling = ceiling.refused(now, last.is_some_and(|last| second - last <= 1));
                last = Some(second);
                refusals += 1;
            }
            used += allowed.min(limit) as f64 / limit as f64;
        }
        (refusals, used / 600.0)
    }

    #[test]
    fn it_finds_the_level_of_a_number() {
        for limit in [258, 500, 700, 950] {
            let (refusals, used) = search(limit);
            assert!(refusals <= 50 && used >= 0.9, "{limit}: {refusals} refusals, {used:.3} used");
        }
    }
}
