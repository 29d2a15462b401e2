//! The tracker that a message of a campaign carries: it leads from a status webhook back to the message. Pure.

use std::fmt::Write;

/// Which message it is, and a number that nobody can guess, so that nobody settles somebody else's message, and a message
/// of another journal is not taken for one of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) id: u64,
    pub(super) nonce: u64,
}

const PREFIX: &str = "wacj-";

impl Name {
    /// A name for a message that had none.
    pub(super) fn new(id: u64) -> Self {
        // SQLite's integers have a sign.
        Name { id, nonce: rand::random::<u64>() >> 1 }
    }

    pub(super) fn tracker(self) -> String {
        let mut tracker = String::with_capacity(PREFIX.len() + 2 * 16 + 1);
        // A string takes what is written to it.
        let _ = write!(tracker, "{PREFIX}{:x}-{:016x}", self.id, self.nonce);
        tracker
    }

    /// The name that a tracker says; none of trackers that are no journal's.
    pub(super) fn of_tracker(tracker: &str) -> Option<Self> {
        let (id, nonce) = tracker.strip_prefix(PREFIX)?.split_once('-')?;
        let number = |text: &str| u64::from_str_radix(text, 16).ok().filter(|number| *number <= i64::MAX as u64);
        Some(Name { id: number(id)?, nonce: number(nonce)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tracker_leads_back() {
        let name = Name::new(77);
        assert_eq!(Name::of_tracker(&name.tracker()), Some(name));
        assert_ne!(Name::new(77), name);
        for other in ["", "wac-00", "wacj-", "wacj-1", "wacj-x-1", "wacj-1-ffffffffffffffff", "wacj-1-2-3", "order 7"] {
            assert_eq!(Name::of_tracker(other), None, "{other}");
        }
    }
}
