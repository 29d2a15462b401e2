//! Whether a file is still the one that a message was made with.

use std::fs::{File, Metadata};
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::file::{Content, Problem, sha256};
use crate::message::violation::Rule;
use crate::message::{FileMark, Seen, Upload, UploadSource, handed_in, has_changed};

/// Two changes of a file in one tick of its file system's clock look like one: Linux ticks every 10 ms at most, and others
/// are finer.
const TICK: Duration = Duration::from_millis(50);

/// Clocks that tell whole seconds only, every other one where it is FAT.
const COARSE_TICK: Duration = Duration::from_secs(2);

/// More than this is not written twice within one tick: memory takes some 100 KB in a hundredth of a millisecond.
const MOST_HASHED_BYTES: u64 = 8 * 1024 * 1024;

impl FileMark {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
        let (changed, place) = Self::change_and_place(metadata);
        FileMark { length_bytes: metadata.len(), modified, changed, place }
    }

    #[cfg(unix)]
    fn change_and_place(metadata: &Metadata) -> ((i64, i64), (u64, u64)) {
        use std::os::unix::fs::MetadataExt as _;
        ((metadata.ctime(), metadata.ctime_nsec()), (metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    fn change_and_place(metadata: &Metadata) -> ((i64, i64), (u64, u64)) {
        let created = metadata.created().unwrap_or(UNIX_EPOCH).duration_since(UNIX_EPOCH).unwrap_or_default();
        ((i64::try_from(created.as_secs()).unwrap_or_default(), i64::from(created.subsec_nanos())), (0, 0))
    }

    /// Whether a change after `now` would show in it, given that the clock of the file system may be this much behind. Where
    /// the system does not tell when a file was last changed, never: a copy can bring its time along.
    pub(super) fn is_settled(&self, now: SystemTime, behind: Duration) -> bool {
        let (seconds, nanoseconds) = self.changed;
        let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(seconds), u32::try_from(nanoseconds)) else { return false };
        let changed = UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        cfg!(unix) && now.duration_since(changed).is_ok_and(|age| age >= behind)
    }

    /// How long two changes may look like one.
    fn tick(&self) -> Duration {
        if self.changed.1 == 0 { COARSE_TICK } else { TICK }
    }
}

/// How a file is now.
fn look(source: &UploadSource) -> Seen {
    let UploadSource::File(path) = source else { return Seen::Not };
    let now = SystemTime::now();
    let looked = || {
        let metadata = std::fs::metadata(path)?;
        let mark = FileMark::of(&metadata);
        if !metadata.is_file() || mark.length_bytes > MOST_HASHED_BYTES || mark.is_settled(now, mark.tick()) {
            return Ok(Seen::As(mark, None));
        }
        let content = sha256(&mut File::open(path)?)?;
        Ok::<_, io::Error>(Seen::As(mark, Some(content)))
    };
    looked().unwrap_or(Seen::Missing)
}

/// The same upload, and how its file is now, unless that was looked at before.
pub(crate) fn seen(upload: &Arc<Upload>) -> Arc<Upload> {
    match (&upload.seen, &upload.source) {
        (Seen::Not, UploadSource::File(_)) => Arc::new(Upload { seen: look(&upload.source), ..Upload::clone(upload) }),
        _ => upload.clone(),
    }
}

/// Keeps an upload of a language package as [`hand_in`](crate::message::hand_in) does, and how its file is now.
pub fn hold(upload: Upload) -> String {
    let seen = look(&upload.source);
    crate::message::hand_in(Upload { seen, ..upload })
}

/// The uploads that arguments name. Their files are looked at, so that the messages which are read from these arguments go
/// out with what is there now, or not at all.
pub fn named(arguments_json: &str) -> Vec<Arc<Upload>> {
    let mut names = arguments_json.split(r#""upload""#);
    // What stands before the first is none.
    names.next();
    names.filter_map(|rest| look_again(rest.trim_start_matches([' ', ':']).strip_prefix('"')?.get(..32)?)).collect()
}

fn look_again(name: &str) -> Option<Arc<Upload>> {
    let upload = handed_in(name)?;
    let UploadSource::File(path) = &upload.source else { return Some(upload) };
    match &upload.seen {
        Seen::Replaced => return Some(upload),
        // Mostly nothing has changed. A file that was young when it was looked at is read again, until it is not any more.
        Seen::As(before, None) if std::fs::metadata(path).is_ok_and(|metadata| FileMark::of(&metadata) == *before) => {
            return Some(upload);
        }
        _ => {}
    }
    let now = look(&upload.source);
    if now == upload.seen { Some(upload) } else { has_changed(name, now) }
}

/// Refuses a file that is not the one which the message was made with.
pub(crate) fn is_the_same(upload: &Upload, content: &Content) -> Result<(), Problem> {
    let is_same = match (&upload.seen, &content.mark) {
        (Seen::Not, _) | (_, None) => true,
        (Seen::As(seen, hash), Some(mark)) => seen == mark && hash.is_none_or(|hash| hash == content.sha256),
        (Seen::Missing | Seen::Replaced, Some(_)) => false,
    };
    if is_same { Ok(()) } else { Err(changed(upload)) }
}

/// What is told of a file that is another one by now.
pub(crate) const CHANGED: &str = "was changed after the message was made, and may be the file of another one by now: write \
                                  each to a path of its own, or give its content with Media.bytes";

fn changed(upload: &Upload) -> Problem {
    let name = upload.name().map(|name| format!(" ({name})")).unwrap_or_default();
    Problem { rule: Rule::Format, message: format!("{CHANGED}{name}") }
}
