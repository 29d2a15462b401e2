//! Something that is on this machine, and is uploaded when the message with it is sent.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

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
        Upload { source: UploadSource::File(path.into()), filename: None, mime_type: None }
    }

    /// Bytes.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Upload { source: UploadSource::Bytes(Held::new(bytes.into())), filename: None, mime_type: None }
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

static HANDED_IN: Mutex<Option<HashMap<String, Arc<Upload>>>> = Mutex::new(None);

/// Keeps an upload of a language package under a name that nobody can guess, so that JSON can refer to it. Text from outside
/// cannot: it would have to know the name, and a path in it is a path of nothing.
pub fn hand_in(upload: Upload) -> String {
    let name = format!("{:032x}", rand::random::<u128>());
    let mut handed_in = HANDED_IN.lock().unwrap_or_else(PoisonError::into_inner);
    handed_in.get_or_insert_default().insert(name.clone(), Arc::new(upload));
    name
}

/// What is kept under a name.
pub fn handed_in(name: &str) -> Option<Arc<Upload>> {
    HANDED_IN.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.get(name).cloned()
}

/// Forgets it. Messages that were read before keep it as long as they need it.
pub fn take_back(name: &str) {
    let mut handed_in = HANDED_IN.lock().unwrap_or_else(PoisonError::into_inner);
    let gone = handed_in.as_mut().and_then(|handed_in| handed_in.remove(name));
    drop(handed_in);
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
