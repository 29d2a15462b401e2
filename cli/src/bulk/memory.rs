//! What a journal remembers of the command that began its campaign, so that `wacloud resume` needs no other arguments, and
//! knows rows that were not there then.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::FileArguments;
use super::plan::Campaign;
use crate::settings::GivenRate;

/// The note on a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// What wrote it; a program's own note is none of ours.
    made_by: String,
    pub(crate) file: FileArguments,
    pub(crate) campaign: Campaign,
    pub(super) rows: Fingerprint,
    /// How fast the number may send, if the command line said so.
    #[serde(default, skip_serializing_if = "GivenRate::is_default")]
    pub(crate) rate: GivenRate,
}

const MADE_BY: &str = "wacloud bulk 1";

impl Memory {
    pub(super) fn new(file: FileArguments, campaign: Campaign, rows: Fingerprint, rate: GivenRate) -> Self {
        Memory { made_by: MADE_BY.to_owned(), file, campaign, rows, rate }
    }

    /// What was written on a campaign, if it was this command that did.
    pub(crate) fn read(note: &str) -> Option<Self> {
        serde_json::from_str::<Memory>(note).ok().filter(|memory| memory.made_by == MADE_BY)
    }

    pub(super) fn written(&self) -> String {
        // Texts and numbers: nothing in it can fail to become JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Rows as hashes of what makes them the messages that they are, in any order.
#[derive(Debug, Default)]
pub(crate) struct Identities(Vec<u64>);

impl Identities {
    /// The nth message that says this, from 1: equal ones are told apart by their number, as the journal does.
    pub(super) fn add(&mut self, identity: &str, nth: u32) {
        self.0.push(xxh3_64_with_seed(identity.as_bytes(), nth.into()));
    }

    /// Of how many rows it is certain that they are not among these. It misses about one in a hundred.
    pub(super) fn new_to(&self, fingerprint: &Fingerprint) -> u64 {
        let bits = fingerprint.bits();
        self.0.iter().filter(|hash| !places(**hash, bits.len()).all(|at| is_set(&bits, at))).count() as u64
    }

    /// How many rows were not there then, and how many that were are not here, as far as can be told.
    pub(super) fn changes_since(&self, then: &Fingerprint) -> Changes {
        let now = self.fingerprint();
        if now.is_same(then) {
            return Changes::default();
        }
        // Of as many as then at least one is another, also where the filter took it for one of them.
        let least = if now.count == then.count { 1 } else { now.count.saturating_sub(then.count) };
        let new = self.new_to(then).max(least);
        Changes { new, gone: then.count.saturating_sub(now.count.saturating_sub(new)) }
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        let mut bits = vec![0_u8; (self.0.len() * BITS / 8).max(8)];
        for hash in &self.0 {
            for at in places(*hash, bits.len()) {
                bits[at / 8] |= 1 << (at % 8);
            }
        }
        let sum = self.0.iter().fold(0_u64, |sum, hash| sum.wrapping_add(*hash));
        Fingerprint { count: self.0.len() as u64, sum: format!("{sum:016x}"), filter: hex(&bits) }
    }
}

/// How a list differs from an earlier one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) new: u64,
    pub(super) gone: u64,
}

/// Bits of the filter for each row, and how many of them are set: a Bloom filter that takes a row for another one in about
/// 1 % of cases.
const BITS: usize = 10;
const SET: u64 = 7;

fn places(hash: u64, bytes: usize) -> impl Iterator<Item = usize> {
    let bits = (bytes as u64 * 8).max(1);
    // Two halves of a hash serve as many (Kirsch and Mitzenmacher, "Less Hashing, Same Performance").
    let (one, other) = (hash & 0xffff_ffff, (hash >> 32) | 1);
    (0..SET).map(move |n| usize::try_from(one.wrapping_add(n.wrapping_mul(other)) % bits).unwrap_or_default())
}

fn is_set(bits: &[u8], at: usize) -> bool {
    bits.get(at / 8).is_some_and(|byte| byte & (1 << (at % 8)) != 0)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// What rows there were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    pub(super) count: u64,
    /// The same for the same rows in another order.
    sum: String,
    filter: String,
}

impl Fingerprint {
    /// Whether it is that of the same rows, in whatever order.
    pub(super) fn is_same(&self, other: &Fingerprint) -> bool {
        (self.count, &self.sum) == (other.count, &other.sum)
    }

    fn bits(&self) -> Vec<u8> {
        let digit = |c: u8| char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or_default();
        let pairs = self.filter.as_bytes().chunks(2);
        pairs.map(|pair| pair.iter().fold(0, |byte, c| byte << 4 | digit(*c))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(from: u32, to: u32) -> Identities {
        let mut identities = Identities::default();
        (from..to).for_each(|n| identities.add(&format!("row {n}"), 1));
        identities
    }

    #[test]
    fn rows_in_another_order_are_the_same_and_new_ones_are_found() {
        let known = rows(0, 10_000).fingerprint();
        let mut turned = rows(0, 10_000);
        turned.0.reverse();
        assert!(turned.fingerprint().is_same(&known));
        assert_eq!(turned.new_to(&known), 0);
        assert!(!rows(0, 9_999).fingerprint().is_same(&known));
        assert_eq!(rows(0, 5_000).new_to(&known), 0);
        let found = rows(9_000, 11_000).new_to(&known);
        assert!((970..=1_000).contains(&found), "{found}");
        // A second one that says the same is another message.
        let mut twice = rows(0, 1);
        twice.add("row 0", 2);
        assert_eq!(twice.new_to(&rows(0, 1).fingerprint()), 1);
        assert_eq!(rows(0, 3).new_to(&Identities::default().fingerprint()), 3);
    }

    #[test]
    fn what_is_new_and_what_is_gone_is_told_apart() {
        let known = rows(0, 1_000).fingerprint();
        let changes = |from, to| rows(from, to).changes_since(&known);
        assert_eq!(changes(0, 1_000), Changes::default());
        assert_eq!(changes(0, 900), Changes { new: 0, gone: 100 });
        assert_eq!(changes(0, 1_100), Changes { new: 100, gone: 0 });
        let other = changes(5_000, 5_030);
        assert!(other.new >= 27 && other.gone >= 997, "{other:?}");
        let one_changed = Identities(rows(0, 999).0.into_iter().chain(rows(7_000, 7_001).0).collect());
        assert_eq!(one_changed.changes_since(&known), Changes { new: 1, gone: 1 });
    }

    #[test]
    fn a_note_is_read_again_and_a_foreign_one_is_not() {
        let memory =
            Memory::new(FileArguments::default(), Campaign::default(), rows(0, 5).fingerprint(), GivenRate::default());
        assert_eq!(Memory::read(&memory.written()), Some(memory));
        assert_eq!(Memory::read("my own note"), None);
        assert_eq!(Memory::read(r#"{"made_by": "somebody"}"#), None);
    }
}
