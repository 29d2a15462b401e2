//! What stands where in the file of a book: a head, then the latest changes of entries, one after the other in a ring.
//!
//! A change is written behind the last one, so that however many entries change at once, they take one write, and whoever
//! read up to here reads on from here. The file is sparse: what was never written takes no room.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::super::entries::ENTRIES;
use super::super::{Entry, Record, bytes_to_words, words_to_bytes};

/// Another layout gets another number, and with it (see `room.rs`) another file.
pub(super) const VERSION: u8 = 2;
const MAGIC: [u8; 8] = *b"wacloud\x02";

const BOOT_BYTES: usize = 16;
const RECORD_AT: usize = MAGIC.len() + BOOT_BYTES;
/// The record, then `life` and `written`.
const HEAD_WORDS: usize = Record::WORDS + 2;
const HEAD_BYTES: usize = RECORD_AT + HEAD_WORDS * 8;

/// How many changes the ring holds: twice as many as entries that count, so that few of those come round to its end.
pub(super) const RING: u64 = ENTRIES as u64 * 2;
/// A key and its entry.
const CHANGE_BYTES: usize = 8 + Entry::WORDS * 8;
/// Where the ring begins: the head has room to grow.
const RING_AT: u64 = 512;

/// The beginning of a file.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Head {
    pub(super) record: Record,
    /// Drawn when the file is begun anew: what was read of it before counts for nothing.
    pub(super) life: u64,
    /// How many changes have been written in this life.
    pub(super) written: u64,
    boot_id: [u8; BOOT_BYTES],
}

impl Head {
    /// What stands there, if it counts. A file of another boot does not, since its clock began anew; neither does one that a
    /// crash of the machine left torn.
    pub(super) fn read(file: &File, boot_id: [u8; BOOT_BYTES]) -> std::io::Result<Option<Self>> {
        let mut bytes = [0; HEAD_BYTES];
        match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        if bytes[..MAGIC.len()] != MAGIC || bytes[MAGIC.len()..RECORD_AT] != boot_id {
            return Ok(None);
        }
        let mut record = Record::default();
        let (words, rest) = bytes[RECORD_AT..].split_at(Record::WORDS * 8);
        bytes_to_words(words, &mut record.0);
        let mut counters = [0; 2];
        bytes_to_words(rest, &mut counters);
        Ok(Some(Head { record, life: counters[0], written: counters[1], boot_id }))
    }

    /// Begins the file anew.
    pub(super) fn begin(file: &File, boot_id: [u8; BOOT_BYTES]) -> std::io::Result<Self> {
        file.set_len(0)?;
        let head = Head { record: Record::default(), life: rand::random(), written: 0, boot_id };
        head.write(file)?;
        Ok(head)
    }

    pub(super) fn write(&self, file: &File) -> std::io::Result<()> {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..MAGIC.len()].copy_from_slice(&MAGIC);
        bytes[MAGIC.len()..RECORD_AT].copy_from_slice(&self.boot_id);
        let (words, rest) = bytes[RECORD_AT..].split_at_mut(Record::WORDS * 8);
        words_to_bytes(&self.record.0, words);
        words_to_bytes(&[self.life, self.written], rest);
        file.write_all_at(&bytes, 0)
    }
}

/// What an entry became.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Change {
    pub(super) key: u64,
    pub(super) entry: Entry,
}

/// Reads `count` changes from the one with number `from`. What lies beyond the end of the file has the key 0, which no
/// entry has.
pub(super) fn read(file: &File, from: u64, count: u64) -> std::io::Result<Vec<Change>> {
    let mut bytes = vec![0; bytes_of(count)];
    let mut rest = bytes.as_mut_slice();
    for (at, length) in parts(from, count) {
        let (part, behind) = rest.split_at_mut(length);
        read_at(file, part, at)?;
        rest = behind;
    }
    let read = bytes.chunks_exact(CHANGE_BYTES).map(|bytes| {
        let mut words = [0; 1 + Entry::WORDS];
        bytes_to_words(bytes, &mut words);
        let [key, entry @ ..] = words;
        Change { key, entry: Entry(entry) }
    });
    Ok(read.collect())
}

/// Writes changes from number `from` on.
pub(super) fn write(file: &File, from: u64, changes: &[Change]) -> std::io::Result<()> {
    let mut bytes = vec![0; changes.len() * CHANGE_BYTES];
    for (change, bytes) in changes.iter().zip(bytes.chunks_exact_mut(CHANGE_BYTES)) {
        words_to_bytes(&[change.key], bytes);
        words_to_bytes(&change.entry.0, &mut bytes[8..]);
    }
    let mut rest = bytes.as_slice();
    for (at, length) in parts(from, changes.len() as u64) {
        let (part, behind) = rest.split_at(length);
        file.write_all_at(part, at)?;
        rest = behind;
    }
    Ok(())
}

/// Where `count` changes stand from number `from` on: the ring may end between them. At most one round.
fn parts(from: u64, count: u64) -> impl Iterator<Item = (u64, usize)> {
    let at = from % RING;
    let first = count.min(RING - at);
    [(at, first), (0, count - first)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(at, count)| (RING_AT + at * CHANGE_BYTES as u64, bytes_of(count)))
}

fn bytes_of(changes: u64) -> usize {
    usize::try_from(changes.min(RING)).unwrap_or_default() * CHANGE_BYTES
}

fn read_at(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<()> {
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read_at(&mut bytes[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
