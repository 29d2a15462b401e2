//! Which keys a run may have met before: most are new, and nobody needs to ask the file for those.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::journal::tracker::Name;

/// Bits for each key: of those that it has room for, one in some hundreds is asked for in vain.
const BITS: usize = 16;
/// Each key sets so many of them.
const PROBES: u64 = 8;
/// For so many keys at least; it takes 2 MB. With far more it is of no use, and the file is asked.
const LEAST: usize = 1_000_000;

/// What whoever sends and whoever writes know together.
pub(super) struct Keys(Mutex<Known>);

struct Known {
    /// Those that have a row.
    rows: Filter,
    /// Those of this run that the log has, and perhaps no row yet.
    logged: Filter,
    /// How many that are.
    logged_count: usize,
    /// The `logged` before, whose log is turned into rows.
    before: Option<Filter>,
    /// Keys of messages of this run of whose end nothing is written yet, with their hashes. Their ends will stand in the log,
    /// whatever has a row by then: they are among `logged` always.
    under_way: HashMap<String, i64>,
    next_id: u64,
}

impl Keys {
    /// With room for the keys that there are, and as many again.
    pub(super) fn new(count: usize, next_id: u64) -> Self {
        let words = (LEAST.max(2 * count) * BITS).div_ceil(64);
        Keys(Mutex::new(Known {
            rows: Filter::new(words),
            logged: Filter::new(words),
            logged_count: 0,
            before: None,
            under_way: HashMap::new(),
            next_id,
        }))
    }

    /// One that has a row.
    pub(super) fn add_row(&self, hash: i64) {
        self.with(|known| known.rows.add(hash));
    }

    /// A name for a key that is certainly new; it is under way from now on.
    pub(super) fn take_new(&self, hash: i64, key: &str) -> Option<Name> {
        self.with(|known| (!known.rows.may_have(hash) && !known.may_be_logged(hash)).then(|| known.take(hash, key)))
    }

    /// The same for one that was looked for in vain.
    pub(super) fn take(&self, hash: i64, key: &str) -> Name {
        self.with(|known| known.take(hash, key))
    }

    pub(super) fn is_under_way(&self, key: &str) -> bool {
        self.with(|known| known.under_way.contains_key(key))
    }

    /// Whether the log may tell of it what no row does.
    pub(super) fn may_be_logged(&self, hash: i64) -> bool {
        self.with(|known| known.may_be_logged(hash))
    }

    /// A known one that is told or sent again.
    pub(super) fn begin(&self, hash: i64, key: &str) {
        self.with(|known| {
            known.log(hash);
            known.under_way.insert(key.to_owned(), hash);
        });
    }

    /// Their end is written.
    pub(super) fn end<'a>(&self, keys: impl Iterator<Item = &'a str>) {
        self.with(|known| keys.for_each(|key| _ = known.under_way.remove(key)));
    }

    /// Whether so many are logged that it is time to make rows of them. It is told once of as many.
    pub(super) fn is_long(&self) -> bool {
        self.with(|known| {
            let is_long = known.logged_count >= LEAST && known.before.is_none();
            if is_long {
                known.before = Some(known.begin_anew());
            }
            is_long
        })
    }

    /// All that was logged when it was too long has rows.
    pub(super) fn is_short_again(&self) {
        self.with(|known| known.rows.add_all(known.before.take()));
    }

    /// All that is logged and has an end has rows.
    pub(super) fn all_have_rows(&self) {
        self.with(|known| {
            let logged = known.begin_anew();
            known.rows.add_all(known.before.take().into_iter().chain([logged]));
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    fn may_be_logged(&self, hash: i64) -> bool {
        self.logged.may_have(hash) || self.before.as_ref().is_some_and(|before| before.may_have(hash))
    }

    /// Leaves among the logged only what is under way, and returns what was among them.
    fn begin_anew(&mut self) -> Filter {
        let mut logged = Filter::new(self.logged.0.len());
        self.under_way.values().for_each(|hash| logged.add(*hash));
        self.logged_count = self.under_way.len();
        std::mem::replace(&mut self.logged, logged)
    }

    fn log(&mut self, hash: i64) {
        self.logged.add(hash);
        self.logged_count += 1;
    }

    fn take(&mut self, hash: i64, key: &str) -> Name {
        let name = Name::new(self.next_id);
        self.next_id += 1;
        self.log(hash);
        self.under_way.insert(key.to_owned(), hash);
        name
    }
}

/// A Bloom filter of hashes: one that is not in it was never added.
struct Filter(Vec<u64>);

impl Filter {
    fn new(words: usize) -> Self {
        Filter(vec![0; words])
    }

    /// Those of others of the same size.
    fn add_all(&mut self, others: impl IntoIterator<Item = Filter>) {
        for other in others {
            self.0.iter_mut().zip(other.0).for_each(|(word, more)| *word |= more);
        }
    }

    fn add(&mut self, hash: i64) {
        for (word, bit) in places(hash, self.0.len()) {
            if let Some(word) = self.0.get_mut(word) {
                *word |= bit;
            }
        }
    }

    fn may_have(&self, hash: i64) -> bool {
        places(hash, self.0.len()).all(|(word, bit)| self.0.get(word).is_none_or(|word| word & bit != 0))
    }
}

/// The words and bits of a hash.
fn places(hash: i64, words: usize) -> impl Iterator<Item = (usize, u64)> {
    let hash = hash.cast_unsigned();
    let count = words as u64 * 64;
    // Two halves make as many hashes as are wanted (Kirsch and Mitzenmacher, "Less Hashing, Same Performance").
    let step = hash.rotate_left(32) | 1;
    (0..PROBES).map(move |n| {
        let at = hash.wrapping_add(n.wrapping_mul(step)) % count;
        ((at / 64) as usize, 1 << (at % 64))
    })
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
        (0..50_000).for_each(|n| keys.add_row(hash(n)));
        (50_000..100_000).for_each(|n| _ = keys.take(hash(n), "met"));
        assert!((0..100_000).all(|n| keys.take_new(hash(n), "met").is_none()));
        assert!((50_000..100_000).all(|n| keys.may_be_logged(hash(n))));
        let in_vain = (100_000..200_000).filter(|n| keys.take_new(hash(*n), "new").is_none()).count();
        assert!(in_vain < 1_000, "{in_vain}");
    }

    #[test]
    fn what_is_being_made_rows_of_is_known_until_that_is_done() {
        let keys = Keys::new(0, 1);
        assert!(!keys.is_long());
        (0..LEAST as u64).for_each(|n| keys.begin(hash(n), "known"));
        keys.end(["known"].into_iter());
        assert!(keys.is_long() && !keys.is_long());
        let first = hash(0);
        assert!(keys.may_be_logged(first));
        keys.is_short_again();
        assert!(!keys.may_be_logged(first) && keys.take_new(first, "known").is_none());
        let last = hash(LEAST as u64);
        keys.begin(last, "last");
        keys.end(["last"].into_iter());
        keys.all_have_rows();
        assert!(!keys.may_be_logged(last) && keys.take_new(last, "last").is_none());
    }

    #[test]
    fn names_are_counted_and_keys_are_under_way_until_they_end() {
        let keys = Keys::new(0, 7);
        assert_eq!(keys.take_new(hash(1), "a").unwrap().id, 7);
        assert_eq!(keys.take(hash(2), "b").id, 8);
        assert!(keys.is_under_way("a") && keys.is_under_way("b"));
        keys.end(["a", "c"].into_iter());
        assert!(!keys.is_under_way("a") && keys.is_under_way("b"));
    }

    #[test]
    fn what_is_under_way_while_rows_are_made_is_looked_for_in_the_log_afterwards() {
        let keys = Keys::new(0, 1);
        keys.take_new(hash(1), "early").unwrap();
        keys.all_have_rows();
        keys.end(["early"].into_iter());
        assert!(keys.may_be_logged(hash(1)));

        keys.take_new(hash(2), "late").unwrap();
        (10..10 + LEAST as u64).for_each(|n| keys.begin(hash(n), "known"));
        assert!(keys.is_long());
        keys.is_short_again();
        keys.end(["late"].into_iter());
        assert!(keys.may_be_logged(hash(2)));
    }
}
