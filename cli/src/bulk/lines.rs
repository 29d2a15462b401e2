//! Which line a record of CSV stands in. The reader's own count is one short where lines end with CR and LF, and after blank
//! lines, and a mistake in line 7 must not be looked for in line 6.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::rc::Rc;

/// Where lines end in what was read and is not passed yet. Clones look at the same.
#[derive(Debug, Clone, Default)]
pub(super) struct LineEnds(Rc<RefCell<Ends>>);

#[derive(Debug, Default)]
struct Ends {
    /// Where CRs and LFs stand, and whether each is an LF.
    ahead: VecDeque<(u64, bool)>,
    passed: u64,
}

impl LineEnds {
    /// The line, from 1, of the record that is read from this place on: what ends lines there is skipped. Places only grow.
    pub(super) fn line(&self, mut at: u64) -> u64 {
        let mut ends = self.0.borrow_mut();
        while let Some((end, is_new_line)) = ends.ahead.front().copied() {
            if end > at {
                break;
            }
            at += u64::from(end == at);
            ends.passed += u64::from(is_new_line);
            ends.ahead.pop_front();
        }
        ends.passed + 1
    }
}

/// Notes where lines end while it reads.
pub(super) struct Noting<R> {
    inner: R,
    at: u64,
    ends: LineEnds,
}

impl<R> Noting<R> {
    pub(super) fn new(inner: R, ends: LineEnds) -> Self {
        Noting { inner, at: 0, ends }
    }
}

impl<R: Read> Read for Noting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut ends = self.ends.0.borrow_mut();
        let found = buffer[..count].iter().zip(self.at..).filter(|(byte, _)| matches!(byte, b'\r' | b'\n'));
        ends.ahead.extend(found.map(|(byte, at)| (at, *byte == b'\n')));
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_stand_where_their_first_character_does() {
        for text in ["a\nb\n\nc\n\"d\nd\"\ne", "a\r\nb\r\n\r\nc\r\n\"d\r\nd\"\r\ne"] {
            let ends = LineEnds::default();
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).from_reader(Noting::new(text.as_bytes(), ends.clone()));
            let mut record = csv::ByteRecord::new();
            let mut lines = Vec::new();
            while reader.read_byte_record(&mut record).unwrap() {
                lines.push(ends.line(record.position().unwrap().byte()));
            }
            assert_eq!(lines, [1, 2, 4, 5, 7], "{text:?}");
        }
    }
}
