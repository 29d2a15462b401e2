//! How journals write down what is not text: outcomes as numbers, trackers as what was given. Pure.

use super::record::GivenTracker;
use crate::outcome::Outcome;

/// The tracker of a message that shall have none: no other is as short.
pub(super) const NO_TRACKER: &str = "";

/// Outcomes as numbers, for what is read a million times.
const OUTCOMES: [Outcome; 4] = [Outcome::NotSent, Outcome::Rejected, Outcome::Unknown, Outcome::Accepted];

pub(super) fn number(outcome: Outcome) -> i64 {
    OUTCOMES.iter().position(|known| *known == outcome).map_or(2, |at| at as i64)
}

/// What a later version might write is not known to this one.
pub(super) fn outcome(number: i64) -> Outcome {
    usize::try_from(number).ok().and_then(|at| OUTCOMES.get(at)).copied().unwrap_or(Outcome::Unknown)
}

pub(super) fn tracker_text(tracker: &GivenTracker) -> Option<&str> {
    match tracker {
        GivenTracker::None => None,
        GivenTracker::Off => Some(NO_TRACKER),
        GivenTracker::Own(tracker) => Some(tracker),
    }
}

pub(super) fn tracker_of(text: Option<String>) -> GivenTracker {
    match text {
        None => GivenTracker::None,
        Some(text) if text == NO_TRACKER => GivenTracker::Off,
        Some(text) => GivenTracker::Own(text),
    }
}
