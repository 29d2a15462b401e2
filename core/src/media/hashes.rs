//! Hashes of files, so that one which many messages have is read once.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::file::{self, Content};
use crate::message::{FileMark, UploadSource};

/// How many are remembered.
const MOST: usize = 4096;

/// How old the last change of a file must have been when it was read, for its hash to be remembered: until then it could be
/// changed once more and look the same (as git has it, "racily clean"). File systems that count in seconds, or in every other
/// one, are the coarsest; a server's clock may be somewhat behind.
const SETTLED: Duration = Duration::from_secs(3);

/// What is known.
pub(crate) struct Hashes {
    settled: Duration,
    known: Mutex<HashMap<(PathBuf, FileMark), Content>>,
    /// Who reads a file has its turn; who wants the same then takes what was read.
    turns: Mutex<HashMap<PathBuf, Arc<Turn>>>,
}

/// When the last reading began, and what it found.
type Turn = Mutex<Option<(Instant, Content)>>;

impl Default for Hashes {
    fn default() -> Self {
        Hashes { settled: SETTLED, known: Mutex::default(), turns: Mutex::default() }
    }
}

impl Hashes {
    /// Reads a file to its end, unless that was done since it changed.
    pub(crate) fn content(&self, source: &UploadSource) -> io::Result<Content> {
        let UploadSource::File(path) = source else { return file::content(source) };
        let asked = Instant::now();
        if let Some(content) = self.known(path)? {
            return Ok(content);
        }
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            turns.entry(path.clone()).or_default().clone()
        };
        let mut last = turn.lock().unwrap_or_else(PoisonError::into_inner);
        // What was begun to be read before this one asked may be what was there before.
        if let Some((begun, content)) = &*last
            && *begun >= asked
        {
            return Ok(content.clone());
        }
        if let Some(content) = self.known(path)? {
            return Ok(content);
        }
        let begun = Instant::now();
        let content = file::content(source)?;
        *last = Some((begun, content.clone()));
        if let Some(mark) = &content.mark
            && FileMark::is_telling()
            && mark.is_settled(content.read_from, self.settled)
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST {
                known.clear();
            }
            known.insert((path.clone(), mark.clone()), content.clone());
        }
        Ok(content)
    }

    fn known(&self, path: &Path) -> io::Result<Option<Content>> {
        let mark = FileMark::of(&std::fs::metadata(path)?);
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(known.get(&(path.to_path_buf(), mark)).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Upload;

    #[test]
    fn a_file_that_looks_like_another_is_told_from_it_by_when_it_changed_and_which_it_is() {
        let path = std::env::temp_dir().join(format!("wacloud-hashes-{}", std::process::id()));
        let (hashes, source) = (Hashes::default(), UploadSource::File(path.clone()));
        let time = std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        // In one place, and moved there from another.
        for content in ["Dear Ana", "Dear Bea", "Dear Cia"] {
            let written = if content == "Dear Cia" { path.with_extension("new") } else { path.clone() };
            std::fs::write(&written, content).unwrap();
            std::fs::File::options().write(true).open(&written).unwrap().set_modified(time).unwrap();
            std::fs::rename(&written, &path).unwrap();
            let of_bytes = file::content(&Upload::bytes(content).source).unwrap();
            assert_eq!(hashes.content(&source).unwrap().sha256, of_bytes.sha256, "{content}");
        }
        std::fs::remove_file(path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn only_a_file_that_has_come_to_rest_is_remembered() {
        let path = std::env::temp_dir().join(format!("wacloud-rest-{}", std::process::id()));
        std::fs::write(&path, "Dear Ana").unwrap();
        let source = UploadSource::File(path.clone());
        let long = Duration::from_secs(3_600);
        for (settled, is_known) in [(long, false), (Duration::ZERO, true)] {
            let hashes = Hashes { settled, ..Hashes::default() };
            hashes.content(&source).unwrap();
            // It was written just now, and may be once more without looking otherwise.
            assert_eq!(hashes.known(&path).unwrap().is_some(), is_known, "{settled:?}");
        }
        let mark = FileMark::of(&std::fs::metadata(&path).unwrap());
        let now = std::time::SystemTime::now();
        assert!(!mark.is_settled(now, long) && mark.is_settled(now + SETTLED, SETTLED));
        std::fs::remove_file(path).unwrap();
    }
}
