//! Books of one process.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::entries::Entries;
use super::{Entry, Page, Record};

/// A book in memory. Its clock is tokio's, so that tests can hold it.
pub(crate) struct MemoryBook {
    begin: Instant,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    record: Record,
    entries: Entries,
}

impl MemoryBook {
    pub(super) fn new() -> Self {
        MemoryBook { begin: Instant::now(), kept: Mutex::default() }
    }

    pub(super) fn update<T>(&self, keys: &[u64], change: &mut impl FnMut(Page<'_>) -> T) -> T {
        // Plain numbers, whole at every moment: a panic elsewhere leaves nothing half done.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock never shows zero here, which records keep for "never".
        let now_us = u64::try_from(self.begin.elapsed().as_micros()).unwrap_or(u64::MAX).saturating_add(1);
        let mut entries: Vec<Entry> = keys.iter().map(|key| kept.entries.get(*key)).collect();
        let before = entries.clone();
        let done = change(Page { now_us, record: &mut kept.record, entries: &mut entries });
        for ((key, entry), before) in keys.iter().zip(entries).zip(before) {
            if entry != before {
                kept.entries.put(*key, entry, now_us);
            }
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_written_is_found_again() {
        let book = MemoryBook::new();
        let put = |page: Page<'_>| {
            page.record.0[1] = 7;
            page.entries[1].0 = [page.now_us + 5, 1, 2, 3];
        };
        book.update(&[4, 5], &mut { put });
        let found = book.update(&[5, 4], &mut |page: Page<'_>| (*page.record, page.entries.to_vec()));
        assert_eq!((found.0.0[1], found.1[0].0[3], found.1[1]), (7, 3, Entry::default()));
    }
}
