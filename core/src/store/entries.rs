//! Entries by their key, a bounded number of them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::Entry;

/// How many entries are kept at once. At 1,000 messages a second to as many people, each is worth its entry for six
/// seconds; the rest is for longer pair rates. When it is full, the entries nearest to their end make room.
pub(super) const ENTRIES: usize = 1 << 15;
/// Below this many, nobody looks which of them are over.
const FEW: usize = 1 << 10;

pub(super) struct Entries {
    kept: HashMap<u64, Entry, BuildHasherDefault<Keys>>,
    /// So many may be kept before those that are over are forgotten.
    room: usize,
}

impl Default for Entries {
    fn default() -> Self {
        Entries { kept: HashMap::default(), room: FEW }
    }
}

impl Entries {
    /// The entry of a key; all zeros if there is none.
    pub(super) fn get(&self, key: u64) -> Entry {
        self.kept.get(&key).copied().unwrap_or_default()
    }

    pub(super) fn put(&mut self, key: u64, entry: Entry, now_us: u64) {
        if entry.until_us() <= now_us {
            self.kept.remove(&key);
            return;
        }
        if self.kept.len() >= self.room && !self.kept.contains_key(&key) {
            self.make_room(now_us);
        }
        self.kept.insert(key, entry);
    }

    /// Forgets what says nothing any more, and if too many still do, the half that is nearest to its end.
    fn make_room(&mut self, now_us: u64) {
        self.kept.retain(|_, entry| entry.until_us() > now_us);
        if self.kept.len() >= ENTRIES {
            let mut ends: Vec<u64> = self.kept.values().map(Entry::until_us).collect();
            let middle = ends.len() / 2;
            let (_, middle, _) = ends.select_nth_unstable(middle);
            let middle = *middle;
            self.kept.retain(|_, entry| entry.until_us() > middle);
        }
        self.room = (self.kept.len() * 2).clamp(FEW, ENTRIES);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }
}

/// Keys are hashes already.
#[derive(Default)]
struct Keys(u64);

impl Hasher for Keys {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Not used for a u64; right all the same.
        self.0 = xxhash_rust::xxh3::xxh3_64_with_seed(bytes, self.0);
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_bounded_and_the_longest_stay() {
        let mut entries = Entries::default();
        let last = ENTRIES as u64 * 2;
        for n in 1..=last {
            entries.put(n, Entry([1_000 + n, 0, 0, n]), 1);
        }
        assert!(entries.len() <= ENTRIES);
        assert_eq!((entries.get(last).0[3], entries.get(1)), (last, Entry::default()));
    }

    #[test]
    fn what_is_over_takes_no_room() {
        let mut entries = Entries::default();
        for n in 1..=100_000 {
            entries.put(n, Entry([n + 100, 0, 0, 0]), n);
            assert!(entries.len() <= FEW, "{}", entries.len());
        }
        entries.put(100_000, Entry([99_000, 0, 0, 0]), 100_000);
        assert_eq!(entries.get(100_000), Entry::default());
    }
}
