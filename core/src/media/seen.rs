//! Whether a file is still the one that a message was made with.

use std::fs::{File, Metadata};
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::file::{Content, Problem, sha256};
use crate::message::violation::Rule;
use crate::message::{FileMark, Seen, Upload, UploadSource, handed_in, has_changed, keep, take_back};

/// Two changes of a file in one tick of its file system's clock look like one: Linux ticks every 10 ms at most, and others
/// are finer.
const TICK: Duration = Duration::from_millis(50);

/// Clocks that tell whole seconds only, every other one where it is FAT.
const COARSE_TICK: Duration = Duration::from_secs(2);

/// Whoever hands a file over waits while it is read: some 20 ms for this much. A longer one is hardly written anew, as a whole,
/// within one tick.
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

    /// When it was created or written, whichever was later.
    #[cfg(not(unix))]
    fn change_and_place(metadata: &Metadata) -> ((i64, i64), (u64, u64)) {
        let later = metadata.created().ok().max(metadata.modified().ok());
        let since = later.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        ((i64::try_from(since.as_secs()).unwrap_or_default(), i64::from(since.subsec_nanos())), (0, 0))
    }

    /// Whether a change after `now` would show in it, given that the clock of the file system may be this much behind.
    pub(super) fn is_settled(&self, now: SystemTime, behind: Duration) -> bool {
        let (seconds, nanoseconds) = self.changed;
        let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(seconds), u32::try_from(nanoseconds)) else { return false };
        let changed = UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        now.duration_since(changed).is_ok_and(|age| age >= behind)
    }

    /// Whether it tells every content apart, once it is settled. Where the system does not tell when a file was last changed, a
    /// copy can bring its time along.
    pub(super) fn is_telling() -> bool {
        cfg!(unix)
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

/// Arguments as a language package gives them, and the files that they name.
///
/// The files are looked at now, and the arguments name them as they are now: they are read later, on another thread, when whoever
/// gave them may have overwritten the files or let go of them.
#[derive(Debug)]
pub struct Pinned {
    arguments: String,
    names: Vec<String>,
}

impl Pinned {
    /// Looks at the files.
    pub fn new(arguments: &str) -> Self {
        let mut pinned = Pinned { arguments: arguments.to_owned(), names: Vec::new() };
        for name in named(arguments) {
            if let Some(upload) = look_again(name) {
                let new = keep(upload);
                pinned.arguments = pinned.arguments.replace(name, &new);
                pinned.names.push(new);
            }
        }
        pinned
    }

    /// The arguments, which can be read as long as this is there.
    pub fn arguments(&self) -> &str {
        &self.arguments
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        self.names.iter().for_each(|name| take_back(name));
    }
}

/// Looks at the files that arguments name, so that the messages which are read from them go out with what is there now, or
/// not at all.
pub(crate) fn look_at_named(arguments: &str) {
    for name in named(arguments) {
        look_again(name);
    }
}

fn named(arguments: &str) -> impl Iterator<Item = &str> {
    // What stands before the first is none.
    let after = arguments.split(r#""upload""#).skip(1);
    after.filter_map(|rest| rest.trim_start_matches([' ', ':']).strip_prefix('"')?.get(..32))
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

/// What is wrong with a file, or that it is not the one any more which the message was made with.
pub(super) fn unless_changed(upload: &Upload, problem: Problem) -> Problem {
    match (&upload.seen, &upload.source) {
        (Seen::As(mark, _), UploadSource::File(path))
            if std::fs::metadata(path).is_ok_and(|metadata| FileMark::of(&metadata) != *mark) =>
        {
            changed(upload)
        }
        _ => problem,
    }
}

/// What is told of a file that is another one by now.
pub(crate) const CHANGED: &str = "was changed after the message was made, and may be the file of another one by now: write \
                                  each to a path of its own, or give its content with Media.bytes";

fn changed(upload: &Upload) -> Problem {
    let name = upload.name().map(|name| format!(" ({name})")).unwrap_or_default();
    Problem { rule: Rule::Format, message: format!("{CHANGED}{name}") }
}
