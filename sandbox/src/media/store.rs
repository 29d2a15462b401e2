//! What is kept of each file.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use ring::digest::{SHA256, digest};
use serde::Serialize;

/// How long an upload lives, in milliseconds: 30 days.
const UPLOAD_MS: u64 = 30 * DAY_MS;
/// How long what a customer sent does: 7 days.
const RECEIVED_MS: u64 = 7 * DAY_MS;
const DAY_MS: u64 = 24 * 3600 * 1000;
/// How long an address works: 5 minutes.
const ADDRESS_MS: u64 = 5 * 60 * 1000;
/// How much is kept in all. What is oldest goes first, and is then unknown.
const MOST_BYTES: usize = 512 << 20;

/// A file that the sandbox has.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MediaFile {
    pub(crate) id: String,
    pub(crate) phone_number_id: String,
    pub(crate) mime_type: String,
    pub(crate) filename: Option<String>,
    pub(crate) file_size: usize,
    /// In hexadecimal digits.
    pub(crate) sha256: String,
    /// When it came, in milliseconds since 1970.
    pub(crate) at: u64,
    /// Whether a customer sent it.
    pub(crate) received: bool,
    #[serde(skip)]
    pub(crate) bytes: Bytes,
}

/// What is known of an id.
pub(crate) enum Known<'m> {
    Here(&'m MediaFile),
    /// It was deleted, or its time is over.
    Gone,
    Never,
}

/// All of them, and what became of those that are gone.
#[derive(Debug, Default)]
pub(crate) struct MediaStore {
    files: BTreeMap<u64, MediaFile>,
    by_id: HashMap<String, u64>,
    /// Ids that led somewhere once.
    gone: Vec<String>,
    made: u64,
    kept_bytes: usize,
}

impl MediaStore {
    pub(crate) fn add(&mut self, mut file: MediaFile) -> &MediaFile {
        file.file_size = file.bytes.len();
        file.sha256 = hex(digest(&SHA256, &file.bytes).as_ref());
        self.made += 1;
        self.kept_bytes += file.file_size;
        while self.kept_bytes > MOST_BYTES
            && let Some((_, oldest)) = self.files.pop_first()
        {
            self.forget(&oldest);
        }
        self.by_id.insert(file.id.clone(), self.made);
        self.files.entry(self.made).or_insert(file)
    }

    fn forget(&mut self, file: &MediaFile) {
        self.kept_bytes -= file.file_size;
        self.by_id.remove(&file.id);
        self.gone.push(file.id.clone());
    }

    pub(crate) fn get(&self, id: &str, now_ms: u64) -> Known<'_> {
        let file = self.by_id.get(id).and_then(|number| self.files.get(number));
        match file {
            Some(file) if now_ms < file.at + if file.received { RECEIVED_MS } else { UPLOAD_MS } => Known::Here(file),
            Some(_) => Known::Gone,
            None if self.gone.iter().any(|gone| gone == id) => Known::Gone,
            None => Known::Never,
        }
    }

    pub(crate) fn delete(&mut self, id: &str) {
        let file = self.by_id.get(id).and_then(|number| self.files.remove(number));
        if let Some(file) = file {
            self.forget(&file);
        }
    }

    pub(crate) fn list(&self) -> Vec<&MediaFile> {
        self.files.values().collect()
    }
}

/// The query of an address: when it ends, and a hash that nobody else can make.
pub(super) fn query(file: &MediaFile, secret: u64, ends_s: u64) -> String {
    let hash = hex(&digest(&SHA256, format!("{secret}/{}/{ends_s}", file.id).as_bytes()).as_ref()[..16]);
    format!("mid={}&ext={ends_s}&hash={hash}", file.id)
}

/// When an address that is made now ends, in seconds since 1970.
pub(super) fn ends_s(now_ms: u64) -> u64 {
    (now_ms + ADDRESS_MS) / 1000
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
