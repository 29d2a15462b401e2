//! What a process knows of the entries in the file: all changes that it has read, and its own.

use std::fs::File;

use super::super::Entry;
use super::super::entries::Entries;
use super::layout::{self, Change, Head, RING};

/// So many changes are read at once.
const CHUNK: u64 = 2_048;
/// How many of the entries that come round to the end of the ring are written again with one change: enough for all that
/// count, in the long run.
const MOST_CARRIED: usize = 256;

/// The entries as of change number `read` in a life of the file.
#[derive(Default)]
pub(super) struct Table {
    life: u64,
    read: u64,
    entries: Entries,
}

impl Table {
    /// The entry of a key as it was when [`Table::catch_up`] was last called; all zeros if there is none.
    pub(super) fn get(&self, key: u64) -> Entry {
        self.entries.get(key)
    }

    /// Reads what others have changed.
    pub(super) fn catch_up(&mut self, file: &File, head: &Head, now_us: u64) -> std::io::Result<()> {
        let oldest = head.written.saturating_sub(RING);
        if self.life != head.life || self.read > head.written || self.read < oldest {
            *self = Table { life: head.life, read: oldest, entries: Entries::default() };
        }
        while self.read < head.written {
            let count = CHUNK.min(head.written - self.read);
            for change in layout::read(file, self.read, count)? {
                if change.key != 0 {
                    self.entries.put(change.key, change.entry, now_us);
                }
            }
            self.read += count;
        }
        Ok(())
    }

    /// Writes what has changed; `head` says so from then on, once it is written, too. Of a table that could not write it all,
    /// nothing counts any more.
    pub(super) fn write(
        &mut self,
        file: &File,
        head: &mut Head,
        mut changes: Vec<Change>,
        now_us: u64,
    ) -> std::io::Result<()> {
        for change in &changes {
            self.entries.put(change.key, change.entry, now_us);
        }
        self.carry(file, head, &mut changes, now_us)?;
        layout::write(file, head.written, &changes)?;
        head.written += changes.len() as u64;
        self.read = head.written;
        Ok(())
    }

    /// Adds to `changes` those of the oldest, which they are going to be written over, that are still what is known of their
    /// entries.
    fn carry(&self, file: &File, head: &Head, changes: &mut Vec<Change>, now_us: u64) -> std::io::Result<()> {
        let most = changes.len() + MOST_CARRIED;
        let mut looked_at = 0;
        while looked_at < changes.len() {
            // In the first round nothing is written over.
            let before = |number: usize| (head.written + number as u64).saturating_sub(RING);
            let (from, to) = (before(looked_at), before(changes.len()));
            looked_at = changes.len();
            let old = layout::read(file, from, to - from)?.into_iter();
            let counts = |change: &Change| {
                change.key != 0 && change.entry.until_us() > now_us && self.entries.get(change.key) == change.entry
            };
            let counting: Vec<Change> = old.filter(counts).take(most - changes.len()).collect();
            changes.extend(counting);
        }
        Ok(())
    }
}
