//! Something that is on this machine, and is uploaded when the message with it is sent.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use serde::{Serialize, Serializer};

/// A file or bytes to upload, and what is said about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Where the bytes are.
    pub source: UploadSource,
    /// The name that it goes under, where it is not the file's own.
    pub filename: Option<String>,
    /// Its MIME type, where it is not told by content and name.
    pub mime_type: Option<String>,
    /// How a file was when a message was made with it.
    pub(crate) seen: Seen,
}

/// What changes with the content of a file. Length and time of the last change alone do not: a copy that keeps the time
/// (`cp -p`, `unzip`) can have both from the file that it takes the place of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FileMark {
    pub(crate) length_bytes: u64,
    pub(crate) modified: SystemTime,
    /// When anything about it last changed, which no program can set: `ctime`, in seconds and nanoseconds. Systems that do
    /// not tell have when it was created or written.
    pub(crate) changed: (i64, i64),
    /// Device and number of the file (inode), where the system tells them.
    pub(crate) place: (u64, u64),
}

/// How a file was, as far as anybody has looked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Seen {
    /// Nobody has. Bytes need no look.
    #[default]
    Not,
    /// It was not there, or could not be looked at.
    Missing,
    /// So; with the hash of its content where another content could look alike.
    As(FileMark, Option<[u8; 32]>),
    /// Its path was written anew, and given again as another file.
    Replaced,
}

impl Seen {
    /// Whether both are the same content, as far as can be told.
    fn is_like(&self, other: &Seen) -> bool {
        match (self, other) {
            (Seen::As(one, content), Seen::As(other, other_content)) => {
                one == other && (content.is_none() || other_content.is_none() || content == other_content)
            }
            _ => self == other,
        }
    }
}

/// Where the bytes of an upload are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadSource {
    /// In a file.
    File(PathBuf),
    /// In memory.
    Bytes(Held),
}

/// Bytes in memory; clones share them.
#[derive(Clone)]
pub struct Held(Arc<Contents>);

struct Contents {
    bytes: Bytes,
    /// Made when it is first asked for.
    sha256: OnceLock<String>,
}

impl Held {
    fn new(bytes: Bytes) -> Self {
        Held(Arc::new(Contents { bytes, sha256: OnceLock::new() }))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    pub(crate) fn share(&self) -> Bytes {
        self.0.bytes.clone()
    }

    /// What tells it apart from other bytes, in hexadecimal digits.
    fn name(&self) -> &str {
        self.0.sha256.get_or_init(|| {
            let digest = ring::digest::digest(&ring::digest::SHA256, &self.0.bytes);
            digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
        })
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Held({} bytes)", self.0.bytes.len())
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.bytes == other.0.bytes
    }
}

impl Eq for Held {}

impl Upload {
    /// A file of this machine.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Upload { source: UploadSource::File(path.into()), filename: None, mime_type: None, seen: Seen::Not }
    }

    /// Bytes.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Upload {
            source: UploadSource::Bytes(Held::new(bytes.into())),
            filename: None,
            mime_type: None,
            seen: Seen::Not,
        }
    }

    /// Under another name than its own.
    #[must_use]
    pub fn named(mut self, filename: impl Into<String>) -> Self {
        self.filename = Some(filename.into());
        self
    }

    /// Of this MIME type, where content and name do not tell it.
    #[must_use]
    pub fn of_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// The name that it goes under: the one that was given, else the file's.
    pub(crate) fn name(&self) -> Option<String> {
        self.filename.clone().or_else(|| match &self.source {
            UploadSource::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            UploadSource::Bytes(_) => None,
        })
    }
}

/// What stands in a payload in place of the id that nobody knows before the upload: the path of a file, and of bytes their
/// hash. It is also what a journal tells messages apart by.
impl Serialize for Upload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.source {
            UploadSource::File(path) => serializer.serialize_str(&plain(path).to_string_lossy()),
            UploadSource::Bytes(held) => serializer.collect_str(&format_args!("sha256:{}", held.name())),
        }
    }
}

/// A path without what says nothing: `./a//b.pdf` is `a/b.pdf`. Where links may lead, `..` stays.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// What language packages have handed in.
#[derive(Default)]
struct HandedIn {
    by_name: HashMap<String, Given>,
    /// The paths of those, and how often each was written anew between two that were handed in.
    paths: HashMap<PathBuf, Place>,
}

struct Given {
    upload: Arc<Upload>,
    /// What [`Place::version`] was then; none of what is kept for one call.
    version: Option<u64>,
}

struct Place {
    version: u64,
    newest: Seen,
    /// How many of those that are kept have it.
    given: usize,
}

static HANDED_IN: Mutex<Option<HandedIn>> = Mutex::new(None);

fn with_all<T>(work: impl FnOnce(&mut HandedIn) -> T) -> T {
    work(HANDED_IN.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}

/// Keeps an upload of a language package under a name that nobody can guess, so that JSON can refer to it. Text from outside
/// cannot: it would have to know the name, and a path in it is a path of nothing.
pub fn hand_in(upload: Upload) -> String {
    let name = new_name();
    with_all(|all| {
        let version = match &upload.source {
            UploadSource::File(path) => {
                let newest = || Place { version: 0, newest: upload.seen.clone(), given: 0 };
                let path = all.paths.entry(path.clone()).or_insert_with(newest);
                if !path.newest.is_like(&upload.seen) {
                    path.version += 1;
                    path.newest = upload.seen.clone();
                }
                path.given += 1;
                Some(path.version)
            }
            UploadSource::Bytes(_) => None,
        };
        all.by_name.insert(name.clone(), Given { upload: Arc::new(upload), version });
    });
    name
}

/// Keeps an upload for one call, as it is now, under a name of its own.
pub(crate) fn keep(upload: Arc<Upload>) -> String {
    let name = new_name();
    with_all(|all| all.by_name.insert(name.clone(), Given { upload, version: None }));
    name
}

/// One that nobody can guess.
fn new_name() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// What is kept under a name.
pub fn handed_in(name: &str) -> Option<Arc<Upload>> {
    with_all(|all| Some(all.by_name.get(name)?.upload.clone()))
}

/// Says that the file of this name is another one now, and how it is. Where its path was handed in again since it changed,
/// whoever made the message meant what was there before: that is gone. Returns what is kept from now on.
pub(crate) fn has_changed(name: &str, now: Seen) -> Option<Arc<Upload>> {
    with_all(|all| {
        let given = all.by_name.get_mut(name)?;
        let (UploadSource::File(path), Some(version)) = (&given.upload.source, given.version) else {
            return Some(given.upload.clone());
        };
        let path = all.paths.get_mut(path)?;
        let seen = if version == path.version {
            path.newest = now.clone();
            now
        } else {
            Seen::Replaced
        };
        given.upload = Arc::new(Upload { seen, ..(*given.upload).clone() });
        Some(given.upload.clone())
    })
}

/// Forgets it. Messages that were read before keep it as long as they need it.
pub fn take_back(name: &str) {
    let gone = with_all(|all| {
        let gone = all.by_name.remove(name)?;
        if let (UploadSource::File(place), Some(_)) = (&gone.upload.source, gone.version)
            && let Some(path) = all.paths.get_mut(place)
        {
            path.given -= 1;
            if path.given == 0 {
                all.paths.remove(place);
            }
        }
        Some(gone)
    });
    drop(gone);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_an_upload_until_it_is_taken_back() {
        let name = hand_in(Upload::file("/tmp/a.pdf").named("b.pdf"));
        assert_ne!(name, hand_in(Upload::bytes("x")));
        assert_eq!(handed_in(&name).and_then(|upload| upload.name()).as_deref(), Some("b.pdf"));
        take_back(&name);
        assert_eq!(handed_in(&name), None);
    }

    #[test]
    fn what_stands_for_it_tells_the_same_bytes_and_shows_none() {
        let text = |upload: &Upload| serde_json::to_string(upload).unwrap();
        assert_eq!(text(&Upload::file("/a/b.pdf")), r#""/a/b.pdf""#);
        assert_eq!(text(&Upload::file("./a/.//b.pdf")), r#""a/b.pdf""#);
        assert_eq!(text(&Upload::file("../a/../b.pdf")), r#""../a/../b.pdf""#);
        assert_eq!(text(&Upload::bytes("secret")), text(&Upload::bytes("secret")));
        assert!(!text(&Upload::bytes("secret")).contains("secret"));
    }
}
