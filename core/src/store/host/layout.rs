//! What stands where in the file of a book: a head, then a table of entries in buckets.
//!
//! An entry can stand in one bucket only, so finding it is one read. The file is sparse: what was never written takes no
//! room.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::super::{ENTRIES, Entry, Record, bytes_to_words, words_to_bytes};

/// Another layout gets another number, and with it (see `room.rs`) another file.
pub(super) const VERSION: u8 = 1;
const MAGIC: [u8; 8] = *b"wacloud\x01";

const BOOT_BYTES: usize = 16;
const RECORD_AT: usize = MAGIC.len() + BOOT_BYTES;
pub(super) const HEAD_BYTES: usize = RECORD_AT + Record::WORDS * 8;

/// An entry and the key before it.
const CELL_BYTES: usize = 8 + Entry::WORDS * 8;
const CELLS: usize = 8;
const BUCKET_BYTES: usize = CELLS * CELL_BYTES;
const BUCKETS: u64 = (ENTRIES / CELLS) as u64;
/// Where the table begins: the head has room to grow.
const TABLE_AT: u64 = 512;

/// The beginning of a file.
pub(super) struct Head {
    pub(super) record: Record,
    boot_id: [u8; BOOT_BYTES],
    /// Whether the file holds nothing that counts yet.
    pub(super) is_new: bool,
}

impl Head {
    /// What stands there. A file of another boot counts for nothing, since its clock began anew; neither does one that a
    /// crash of the machine left torn.
    pub(super) fn read(file: &File, boot_id: [u8; BOOT_BYTES]) -> std::io::Result<Self> {
        let mut bytes = [0; HEAD_BYTES];
        let is_whole = match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => true,
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => false,
            Err(error) => return Err(error),
        };
        let mut record = Record::default();
        if !is_whole || bytes[..MAGIC.len()] != MAGIC || bytes[MAGIC.len()..RECORD_AT] != boot_id {
            file.set_len(0)?;
            return Ok(Head { record, boot_id, is_new: true });
        }
        bytes_to_words(&bytes[RECORD_AT..], &mut record.0);
        Ok(Head { record, boot_id, is_new: false })
    }

    pub(super) fn to_bytes(&self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..MAGIC.len()].copy_from_slice(&MAGIC);
        bytes[MAGIC.len()..RECORD_AT].copy_from_slice(&self.boot_id);
        words_to_bytes(&self.record.0, &mut bytes[RECORD_AT..]);
        bytes
    }
}

/// The buckets that one change has read. A key that had no cell has one from then on, so that no two keys of the same
/// change are given the same.
#[derive(Default)]
pub(super) struct Buckets {
    read: Vec<(u64, [Cell; CELLS])>,
}

#[derive(Clone, Copy, Default)]
struct Cell {
    key: u64,
    entry: Entry,
    /// Whether this change has claimed it.
    claimed: bool,
}

impl Buckets {
    /// The entry of a key; all zeros if there is none.
    pub(super) fn find(&mut self, file: &File, key: u64) -> std::io::Result<Entry> {
        let cell = self.cell(file, key)?;
        Ok(self.read[cell.0].1[cell.1].entry)
    }

    /// Writes the entry of a key that was found before.
    pub(super) fn write(&mut self, file: &File, key: u64, entry: Entry) -> std::io::Result<()> {
        let (bucket, cell) = self.cell(file, key)?;
        let number = self.read[bucket].0;
        let mut bytes = [0; CELL_BYTES];
        bytes[..8].copy_from_slice(&key.to_le_bytes());
        words_to_bytes(&entry.0, &mut bytes[8..]);
        file.write_all_at(&bytes, TABLE_AT + number * BUCKET_BYTES as u64 + (cell * CELL_BYTES) as u64)
    }

    fn cell(&mut self, file: &File, key: u64) -> std::io::Result<(usize, usize)> {
        // The low bits chose nothing else, and the hash spreads all of them evenly.
        let number = key % BUCKETS;
        let bucket = match self.read.iter().position(|(read, _)| *read == number) {
            Some(bucket) => bucket,
            None => {
                self.read.push((number, read_bucket(file, number)?));
                self.read.len() - 1
            }
        };
        let cells = &mut self.read[bucket].1;
        let own = cells.iter().position(|cell| cell.key == key);
        let cell = own.unwrap_or_else(|| {
            // The one that is nearest to its end: an empty one first of all.
            let free = cells.iter().enumerate().filter(|(_, cell)| !cell.claimed);
            let nearest = free.min_by_key(|(_, cell)| cell.entry.until_us());
            nearest.map_or(0, |(at, _)| at)
        });
        if own.is_none() {
            cells[cell] = Cell { key, ..Cell::default() };
        }
        cells[cell].claimed = true;
        Ok((bucket, cell))
    }
}

fn read_bucket(file: &File, number: u64) -> std::io::Result<[Cell; CELLS]> {
    let mut bytes = [0; BUCKET_BYTES];
    let at = TABLE_AT + number * BUCKET_BYTES as u64;
    let mut filled = 0;
    // The table grows as it is written: what lies beyond its end is empty.
    while filled < BUCKET_BYTES {
        match file.read_at(&mut bytes[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let mut cells = [Cell::default(); CELLS];
    for (cell, bytes) in cells.iter_mut().zip(bytes.chunks_exact(CELL_BYTES)) {
        let mut key = [0];
        bytes_to_words(bytes, &mut key);
        cell.key = key[0];
        bytes_to_words(&bytes[8..], &mut cell.entry.0);
    }
    Ok(cells)
}
