//! A shelf in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Change, Item, Key};

/// Numbers of one process. When there are too many, those nearest to their end make room.
pub(crate) struct MemoryShelf {
    capacity: usize,
    kept: Mutex<HashMap<Key, Kept>>,
}

#[derive(Clone, Copy)]
struct Kept {
    value: u64,
    until_s: u64,
}

impl MemoryShelf {
    pub(super) fn new(capacity: usize) -> Self {
        MemoryShelf { capacity: capacity.max(1), kept: Mutex::default() }
    }

    pub(super) fn change(&self, changes: &[Change], now_s: u64) -> Vec<u64> {
        // Plain numbers, whole at every moment.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        changes.iter().map(|change| one(&mut kept, change, now_s, self.capacity)).collect()
    }

    pub(super) fn get(&self, keys: &[Key], now_s: u64) -> Vec<u64> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().map(|key| find(&kept, *key, now_s).map_or(0, |kept| kept.value)).collect()
    }
}

fn find(kept: &HashMap<Key, Kept>, key: Key, now_s: u64) -> Option<Kept> {
    kept.get(&key).copied().filter(|kept| kept.until_s > now_s)
}

fn one(kept: &mut HashMap<Key, Kept>, change: &Change, now_s: u64, capacity: usize) -> u64 {
    let Item { key, value, until_s } = *change.item();
    let before = find(kept, key, now_s);
    let new = match (change, before) {
        (Change::Raise(_), Some(before)) => {
            Kept { value: value.max(before.value), until_s: until_s.max(before.until_s) }
        }
        _ => Kept { value, until_s },
    };
    if new.value == 0 {
        kept.remove(&key);
    } else {
        if kept.len() >= capacity && !kept.contains_key(&key) {
            make_room(kept, now_s, capacity);
        }
        kept.insert(key, new);
    }
    before.map_or(0, |before| before.value)
}

/// Forgets what is over, and if that is too little, the quarter that is nearest to its end.
fn make_room(kept: &mut HashMap<Key, Kept>, now_s: u64, capacity: usize) {
    kept.retain(|_, kept| kept.until_s > now_s);
    if kept.len() < capacity {
        return;
    }
    let mut ends: Vec<(u64, Key)> = kept.iter().map(|(key, kept)| (kept.until_s, *key)).collect();
    let leaving = (capacity / 4).clamp(1, ends.len());
    ends.select_nth_unstable_by_key(leaving - 1, |(until_s, _)| *until_s);
    for (_, key) in &ends[..leaving] {
        kept.remove(key);
    }
}
