//! Which keys a run may have met before: most are new, and nobody needs to ask the file for those.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::journal::tracker::Name;

/// Bits for each key: one in some hundred is asked for in vain.
const BITS: usize = 10;
/// Each key sets so many of them.
const PROBES: u64 = 5;
/// For so many keys at least; it takes 1.3 MB. With far more it is of no use, and the file is asked.
const LEAST: usize = 1_000_000;

/// What whoever sends and whoever writes know together.
pub(super) struct Keys(Mutex<Known>);

struct Known {
    /// A Bloom filter of the hashes of all keys: one that is not in it is new.
    bits: Vec<u64>,
    /// Keys of messages of this run that have no row for it yet.
    under_way: HashSet<String>,
    next_id: u64,
}

impl Keys {
    /// With room for the keys that there are, and as many again.
    pub(super) fn new(count: usize, next_id: u64) -> Self {
        let words = (LEAST.max(2 * count) * BITS).div_ceil(64);
        Keys(Mutex::new(Known { bits: vec![0; words], under_way: HashSet::new(), next_id }))
    }

    /// One that the file has.
    pub(super) fn add(&self, hash: i64) {
        self.with(|known| known.add(hash));
    }

    /// A name for a key that is certainly new; it is under way from now on.
    pub(super) fn take_new(&self, hash: i64, key: &str) -> Option<Name> {
        self.with(|known| known.add(hash).then(|| known.take(key)))
    }

    /// The same for one that was looked for in vain.
    pub(super) fn take(&self, key: &str) -> Name {
        self.with(|known| known.take(key))
    }

    pub(super) fn is_under_way(&self, key: &str) -> bool {
        self.with(|known| known.under_way.contains(key))
    }

    /// A known one that is told or sent again.
    pub(super) fn begin(&self, key: &str) {
        self.with(|known| known.under_way.insert(key.to_owned()));
    }

    /// They have rows that tell of this run.
    pub(super) fn end<'a>(&self, keys: impl Iterator<Item = &'a str>) {
        self.with(|known| keys.for_each(|key| _ = known.under_way.remove(key)));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    /// Whether it is certainly new.
    fn add(&mut self, hash: i64) -> bool {
        let count = self.bits.len() as u64 * 64;
        let hash = hash.cast_unsigned();
        // Two halves make as many hashes as are wanted (Kirsch and Mitzenmacher, "Less Hashing, Same Performance").
        let (one, two) = (hash, hash.rotate_left(32) | 1);
        let mut is_new = false;
        for n in 0..PROBES {
            let at = one.wrapping_add(n.wrapping_mul(two)) % count;
            let Some(word) = self.bits.get_mut((at / 64) as usize) else { continue };
            is_new |= *word & 1 << (at % 64) == 0;
            *word |= 1 << (at % 64);
        }
        is_new
    }

    fn take(&mut self, key: &str) -> Name {
        let name = Name::new(self.next_id);
        self.next_id += 1;
        self.under_way.insert(key.to_owned());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u64) -> i64 {
        xxhash_rust::xxh3::xxh3_64(&n.to_le_bytes()).cast_signed()
    }

    #[test]
    fn what_was_met_is_never_new() {
        let keys = Keys::new(0, 1);
        (0..100_000).for_each(|n| keys.add(hash(n)));
        assert!((0..100_000).all(|n| keys.take_new(hash(n), "met").is_none()));
        let in_vain = (100_000..200_000).filter(|n| keys.take_new(hash(*n), "new").is_none()).count();
        assert!(in_vain < 1_000, "{in_vain}");
    }

    #[test]
    fn names_are_counted_and_keys_are_under_way_until_they_end() {
        let keys = Keys::new(0, 7);
        assert_eq!(keys.take_new(hash(1), "a").unwrap().id, 7);
        assert_eq!(keys.take("b").id, 8);
        assert!(keys.is_under_way("a") && keys.is_under_way("b"));
        keys.end(["a", "c"].into_iter());
        assert!(!keys.is_under_way("a") && keys.is_under_way("b"));
    }
}
