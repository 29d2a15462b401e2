//! Which keys a run may have met before: most are new, and nobody needs to ask the file for those.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use xxhash_rust::xxh3::{Xxh3DefaultBuilder, xxh3_128_with_seed};

use crate::journal::tracker::Name;

/// Bits for each key: of a million new ones a few are asked for in vain. Each of those makes rows of the whole log.
const BITS: usize = 32;
/// Each key sets so many of them, all in one block, which is what a processor fetches at once.
const PROBES: u32 = 7;
const BLOCK_WORDS: usize = 8;
/// For so many keys at least; it takes 4 MB. With far more it is of no use, and the file is asked.
const LEAST: usize = 1_000_000;

/// What stands for a key while its message is under way: shorter than it, and with a seed that nobody can guess, so that no
/// two keys are found that have the same.
pub(super) type Mark = u128;

/// What whoever sends and whoever writes know together.
pub(super) struct Keys {
    known: Mutex<Known>,
    seed: u64,
}

struct Known {
    /// Those that have a row.
    rows: Filter,
    /// Those of this run that the log has, and perhaps no row yet.
    logged: Filter,
    /// How many that are.
    logged_count: usize,
    /// The `logged` before, whose log is turned into rows.
    before: Option<Filter>,
    /// Messages of this run of whose end nothing is written yet, with the hashes of their keys. Their ends will stand in the
    /// log, whatever has a row by then: they are among `logged` always.
    under_way: HashMap<Mark, i64, Xxh3DefaultBuilder>,
    next_id: u64,
}

impl Keys {
    /// With room for the keys that there are, and as many again.
    pub(super) fn new(count: usize, next_id: u64) -> Self {
        let blocks = (LEAST.max(2 * count) * BITS).div_ceil(64 * BLOCK_WORDS);
        let known = Known {
            rows: Filter::new(blocks),
            logged: Filter::new(blocks),
            logged_count: 0,
            before: None,
            under_way: HashMap::default(),
            next_id,
        };
        Keys { known: Mutex::new(known), seed: rand::random() }
    }

    /// One that has a row.
    pub(super) fn add_row(&self, hash: i64) {
        self.with(|known| known.rows.add(hash));
    }

    pub(super) fn mark(&self, key: &str) -> Mark {
        xxh3_128_with_seed(key.as_bytes(), self.seed)
    }

    /// A name for a key that is certainly new; it is under way from now on.
    pub(super) fn take_new(&self, hash: i64, key: &str) -> Option<Name> {
        let mark = self.mark(key);
        self.with(|known| (!known.rows.may_have(hash) && !known.may_be_logged(hash)).then(|| known.take(hash, mark)))
    }

    /// The same for one that was looked for in vain.
    pub(super) fn take(&self, hash: i64, key: &str) -> Name {
        let mark = self.mark(key);
        self.with(|known| known.take(hash, mark))
    }

    pub(super) fn is_under_way(&self, key: &str) -> bool {
        let mark = self.mark(key);
        self.with(|known| known.under_way.contains_key(&mark))
    }

    /// Whether the log may tell of it what no row does.
    pub(super) fn may_be_logged(&self, hash: i64) -> bool {
        self.with(|known| known.may_be_logged(hash))
    }

    /// A known one that is told or sent again.
    pub(super) fn begin(&self, hash: i64, key: &str) {
        let mark = self.mark(key);
        self.with(|known| {
            known.log(hash);
            known.under_way.insert(mark, hash);
        });
    }

    /// Their end is written: of those by their marks, and of others by their keys.
    pub(super) fn end<'a>(&self, marks: &[Mark], keys: impl Iterator<Item = &'a str>) {
        self.with(|known| {
            let marks = marks.iter().copied().chain(keys.map(|key| self.mark(key)));
            marks.for_each(|mark| _ = known.under_way.remove(&mark));
        });
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
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    fn may_be_logged(&self, hash: i64) -> bool {
        self.logged.may_have(hash) || self.before.as_ref().is_some_and(|before| before.may_have(hash))
    }

    /// Leaves among the logged only what is under way, and returns what was among them.
    fn begin_anew(&mut self) -> Filter {
        let mut logged = Filter::new(self.logged.block_count);
        self.under_way.values().for_each(|hash| logged.add(*hash));
        self.logged_count = self.under_way.len();
        std::mem::replace(&mut self.logged, logged)
    }

    fn log(&mut self, hash: i64) {
        self.logged.add(hash);
        self.logged_count += 1;
    }

    fn take(&mut self, hash: i64, mark: Mark) -> Name {
        let name = Name::new(self.next_id);
        self.next_id += 1;
        self.log(hash);
        self.under_way.insert(mark, hash);
        name
    }
}

/// A Bloom filter of hashes: one that is not in it was never added.
struct Filter {
    words: Vec<u64>,
    /// Where the first block begins: where a processor's line does, so that each block is in one. A type that says so would
    /// have its zeros written, which the system has for nothing.
    begin: usize,
    block_count: usize,
    /// Then nothing of it needs to be looked at, which a processor would have to fetch from far away.
    is_empty: bool,
}

type Block = [u64; BLOCK_WORDS];

impl Filter {
    fn new(block_count: usize) -> Self {
        let words = vec![0; (block_count + 1) * BLOCK_WORDS];
        // Where there is no such place it need not be one.
        let begin = words.as_ptr().align_offset(size_of::<Block>()).min(BLOCK_WORDS);
        Filter { words, begin, block_count, is_empty: true }
    }

    /// Where the words of a block are.
    fn range(&self, block: usize) -> Range<usize> {
        let begin = self.begin + block * BLOCK_WORDS;
        begin..begin + BLOCK_WORDS
    }

    /// Those of others of the same size.
    fn add_all(&mut self, others: impl IntoIterator<Item = Filter>) {
        for other in others {
            self.is_empty &= other.is_empty;
            let words = self.words.iter_mut().skip(self.begin);
            words.zip(other.words.iter().skip(other.begin)).for_each(|(word, more)| *word |= more);
        }
    }

    fn add(&mut self, hash: i64) {
        self.is_empty = false;
        let (block, bits) = place(hash, self.block_count);
        let range = self.range(block);
        if let Some(block) = self.words.get_mut(range) {
            block.iter_mut().zip(bits).for_each(|(word, bits)| *word |= bits);
        }
    }

    fn may_have(&self, hash: i64) -> bool {
        if self.is_empty {
            return false;
        }
        let (block, bits) = place(hash, self.block_count);
        self.words
            .get(self.range(block))
            .is_none_or(|block| block.iter().zip(bits).all(|(word, bits)| word & bits == bits))
    }
}

/// The block of a hash, and its bits there.
fn place(hash: i64, blocks: usize) -> (usize, Block) {
    let hash = hash.cast_unsigned();
    // The upper half says which block. The whole of it says which bits, nine of it for each: of fewer, two keys of a block
    // would have the same all too often.
    let block = ((hash >> 32) * blocks as u64) >> 32;
    let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut bits = Block::default();
    for n in 0..PROBES {
        let bit = mixed >> (9 * n);
        if let Some(word) = bits.get_mut((bit >> 6) as usize % BLOCK_WORDS) {
            *word |= 1 << (bit % 64);
        }
    }
    (block as usize, bits)
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

    /// Each that is asked for in vain makes rows of the whole log, which costs as much as sending it.
    #[test]
    fn new_ones_of_a_campaign_are_not_asked_for() {
        let keys = Keys::new(0, 1);
        let in_vain = (0..300_000).filter(|n| keys.take_new(hash(*n), "new").is_none()).count();
        assert_eq!(in_vain, 0);
    }

    #[test]
    fn what_is_being_made_rows_of_is_known_until_that_is_done() {
        let keys = Keys::new(0, 1);
        assert!(!keys.is_long());
        (0..LEAST as u64).for_each(|n| keys.begin(hash(n), "known"));
        keys.end(&[], ["known"].into_iter());
        assert!(keys.is_long() && !keys.is_long());
        let first = hash(0);
        assert!(keys.may_be_logged(first));
        keys.is_short_again();
        assert!(!keys.may_be_logged(first) && keys.take_new(first, "known").is_none());
        let last = hash(LEAST as u64);
        keys.begin(last, "last");
        keys.end(&[], ["last"].into_iter());
        keys.all_have_rows();
        assert!(!keys.may_be_logged(last) && keys.take_new(last, "last").is_none());
    }

    #[test]
    fn names_are_counted_and_keys_are_under_way_until_they_end() {
        let keys = Keys::new(0, 7);
        assert_eq!(keys.take_new(hash(1), "a").unwrap().id, 7);
        assert_eq!(keys.take(hash(2), "b").id, 8);
        assert!(keys.is_under_way("a") && keys.is_under_way("b"));
        keys.end(&[], ["a", "c"].into_iter());
        assert!(!keys.is_under_way("a") && keys.is_under_way("b"));
        keys.end(&[keys.mark("b")], [].into_iter());
        assert!(!keys.is_under_way("b"));
    }

    #[test]
    fn what_is_under_way_while_rows_are_made_is_looked_for_in_the_log_afterwards() {
        let keys = Keys::new(0, 1);
        keys.take_new(hash(1), "early").unwrap();
        keys.all_have_rows();
        keys.end(&[], ["early"].into_iter());
        assert!(keys.may_be_logged(hash(1)));

        keys.take_new(hash(2), "late").unwrap();
        (10..10 + LEAST as u64).for_each(|n| keys.begin(hash(n), "known"));
        assert!(keys.is_long());
        keys.is_short_again();
        keys.end(&[], ["late"].into_iter());
        assert!(keys.may_be_logged(hash(2)));
    }
}
