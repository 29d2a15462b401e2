//! A file, looked at before it is uploaded. What is wrong is a sentence; nothing has left by then.

use std::fs::File;
use std::io::{self, Read};
use std::time::SystemTime;

use ring::digest;

use super::pixels;
use super::seen;
use super::sniff::{self, HEAD_BYTES, Sniffed};
use crate::message::limits;
use crate::message::violation::Rule;
use crate::message::{FileMark, Upload, UploadSource};

/// A file that Meta takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) mime_type: String,
    pub(crate) length_bytes: u64,
    pub(crate) filename: String,
    /// The type that its name stands for, where its content is another.
    pub(crate) name_says: Option<&'static str>,
}

/// What is wrong with a file: which rule it breaks, and a sentence that begins after the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) rule: Rule,
    pub(crate) message: String,
}

impl Problem {
    fn new(rule: Rule, message: impl Into<String>) -> Self {
        Problem { rule, message: message.into() }
    }
}

/// The bytes of an upload, from their beginning.
pub(crate) fn open(source: &UploadSource) -> io::Result<Box<dyn Read + Send + '_>> {
    Ok(match source {
        UploadSource::File(path) => Box::new(File::open(path)?),
        UploadSource::Bytes(held) => Box::new(held.bytes()),
    })
}

/// Looks at what is to be uploaded, as this kind of media if it is for a message. Reads its first kilobytes.
pub(crate) fn check(upload: &Upload, kind: Option<&str>) -> Result<Checked, Problem> {
    // What is wrong with the next message's file, which may be half written, says nothing about this one's.
    look_at(upload, kind).map_err(|problem| seen::unless_changed(upload, problem))
}

fn look_at(upload: &Upload, kind: Option<&str>) -> Result<Checked, Problem> {
    let length_bytes = length(&upload.source)?;
    if length_bytes == 0 {
        return Err(Problem::new(Rule::Length, format!("is empty{}", shown(upload))));
    }
    let head = head(upload)?;
    let name = upload.name();
    let sniffed = sniff::sniff(&head, name.as_deref(), upload.mime_type.as_deref(), kind);
    let Sniffed { mime_type, name_says } =
        sniffed.map_err(|why| Problem::new(Rule::Format, format!("{why}{}", shown(upload))))?;
    fits(&mime_type, length_bytes, &head, kind)
        .map_err(|problem| Problem { message: format!("{}{}", problem.message, shown(upload)), ..problem })?;
    let filename = name.unwrap_or_else(|| "file".to_owned());
    Ok(Checked { mime_type, length_bytes, filename, name_says })
}

/// Which file, at the end of a sentence about it.
fn shown(upload: &Upload) -> String {
    upload.name().map(|name| format!(" ({name})")).unwrap_or_default()
}

/// No system knows a longer one (PATH_MAX of Linux).
const LONGEST_PATH: usize = 4096;

fn length(source: &UploadSource) -> Result<u64, Problem> {
    let path = match source {
        UploadSource::Bytes(held) => return Ok(held.bytes().len() as u64),
        UploadSource::File(path) => path,
    };
    let text = path.to_string_lossy();
    if text.is_empty() {
        return Err(Problem::new(Rule::Required, "must not be empty: the path of a file"));
    }
    if text.contains('\0') || text.len() > LONGEST_PATH {
        let why = format!("is no path, but {} bytes of a file, it seems: those belong into Media.bytes", text.len());
        return Err(Problem::new(Rule::Format, why));
    }
    let place = path.display();
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Problem::new(Rule::Required, format!("is not there: there is no file {place}")),
        _ => Problem::new(Rule::Format, format!("cannot be read: {place}: {error}")),
    })?;
    if metadata.is_dir() {
        return Err(Problem::new(Rule::Format, format!("is a directory, not a file: {place}")));
    }
    // A pipe or a device has no length, and could be read once only.
    if !metadata.is_file() {
        return Err(Problem::new(Rule::Format, format!("is not a regular file: {place}")));
    }
    Ok(metadata.len())
}

fn head(upload: &Upload) -> Result<Vec<u8>, Problem> {
    let read = || {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        open(&upload.source)?.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        Ok::<_, io::Error>(head)
    };
    read().map_err(|error| Problem::new(Rule::Format, format!("cannot be read{}: {error}", shown(upload))))
}

/// Whether Meta takes this type, this long, as this kind.
fn fits(mime_type: &str, length_bytes: u64, head: &[u8], kind: Option<&str>) -> Result<(), Problem> {
    let limit = match kind {
        Some(kind) => limits::MEDIA.iter().find(|limit| limit.kind == kind),
        None => limits::MEDIA.iter().find(|limit| limit.mime_types.contains(&mime_type)),
    };
    let Some(limit) = limit.filter(|limit| limit.mime_types.contains(&mime_type)) else {
        let (what, known): (_, Vec<&str>) = match (kind, limit) {
            (Some(kind), Some(limit)) => (format!("sent as {kind}"), limit.mime_types.to_vec()),
            _ => {
                ("uploaded".to_owned(), limits::MEDIA[..5].iter().flat_map(|l| l.mime_types.iter().copied()).collect())
            }
        };
        let message = format!("is {mime_type}, which cannot be {what}; Meta takes {}", known.join(", "));
        return Err(Problem::new(Rule::Format, message));
    };
    let (most, of) = match (limit.kind, pixels::webp(head)) {
        ("sticker", Some(webp)) if webp.is_animated => (limits::ANIMATED_STICKER_BYTES, "a sticker that moves"),
        ("sticker", _) => (limits::STATIC_STICKER_BYTES, "a sticker that does not move"),
        ("gif", _) => (limit.bytes, "a film"),
        _ => (limit.bytes, kind_in_words(limit.kind)),
    };
    if length_bytes > most {
        let message = format!("has {length_bytes} bytes, and {of} may have at most {most} ({})", in_short(most));
        return Err(Problem::new(Rule::Length, message));
    }
    if limit.kind == "sticker"
        && let Some(webp) = pixels::webp(head)
        && (webp.width, webp.height) != (limits::STICKER_PIXELS, limits::STICKER_PIXELS)
    {
        let message = format!("has {} by {} pixels, and a sticker must have 512 by 512", webp.width, webp.height);
        return Err(Problem::new(Rule::Format, message));
    }
    if mime_type == "image/png" && pixels::png_is_rgb8(head) == Some(false) {
        return Err(Problem::new(Rule::Format, "is a PNG that has not 8 bits in RGB or RGBA, as Meta wants it"));
    }
    Ok(())
}

fn kind_in_words(kind: &str) -> &'static str {
    match kind {
        "image" => "a picture",
        "video" => "a film",
        "audio" => "a sound",
        _ => "a file",
    }
}

fn in_short(bytes: u64) -> String {
    match bytes / (1024 * 1024) {
        0 => format!("{} KB", bytes / 1024),
        megabytes => format!("{megabytes} MB"),
    }
}

/// What all of it is.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) sha256: [u8; 32],
    /// Of which file, in which state.
    pub(crate) mark: Option<FileMark>,
    /// Since when it is known.
    pub(crate) read_from: SystemTime,
}

/// How often a file is read that changes while it is read.
const MOST_READS: usize = 3;

/// Reads all of it once. A file that was changed in between is read again: half of one and half of another is nobody's.
pub(crate) fn content(source: &UploadSource) -> io::Result<Content> {
    let path = match source {
        UploadSource::Bytes(held) => {
            let sha256 = sha256_of(digest::digest(&digest::SHA256, held.bytes()));
            return Ok(Content { sha256, mark: None, read_from: SystemTime::now() });
        }
        UploadSource::File(path) => path,
    };
    for _ in 0..MOST_READS {
        let read_from = SystemTime::now();
        let mut file = File::open(path)?;
        let before = FileMark::of(&file.metadata()?);
        let sha256 = sha256(&mut file)?;
        if FileMark::of(&file.metadata()?) == before {
            return Ok(Content { sha256, mark: Some(before), read_from });
        }
    }
    Err(io::Error::other("it is written while it is read"))
}

/// The hash of what is left of a file.
pub(super) fn sha256(file: &mut File) -> io::Result<[u8; 32]> {
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(sha256_of(hash.finish())),
            read => hash.update(&buffer[..read]),
        }
    }
}

fn sha256_of(digest: digest::Digest) -> [u8; 32] {
    digest.as_ref().try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn problem(upload: &Upload, kind: Option<&str>) -> (Rule, String) {
        let Problem { rule, message } = check(upload, kind).unwrap_err();
        (rule, message)
    }

    #[test]
    fn what_is_no_file_is_told() {
        let directory = std::env::temp_dir();
        let missing = directory.join("wacloud-is-not-there.pdf");
        let told = |path: PathBuf| problem(&Upload::file(path), Some("document"));
        let (rule, message) = told(missing);
        assert!(rule == Rule::Required && message.starts_with("is not there: there is no file "), "{message}");
        let (rule, message) = told(directory);
        assert!(rule == Rule::Format && message.starts_with("is a directory, not a file: "), "{message}");
        let empty = Upload::bytes(Vec::new());
        assert_eq!(problem(&empty, None), (Rule::Length, "is empty".to_owned()));
    }

    #[test]
    fn type_and_size_are_checked_as_the_kind_that_it_is_sent_as() {
        let pdf = |length: usize| {
            let mut bytes = b"%PDF-1.7\n".to_vec();
            bytes.resize(length, b' ');
            Upload::bytes(bytes).named("a.pdf")
        };
        let checked = check(&pdf(100), Some("document")).unwrap();
        assert_eq!((checked.mime_type.as_str(), checked.length_bytes), ("application/pdf", 100));
        let (rule, message) = problem(&pdf(100), Some("image"));
        let expected = "is application/pdf, which cannot be sent as image; Meta takes image/jpeg, image/png (a.pdf)";
        assert_eq!((rule, message.as_str()), (Rule::Format, expected));
        let mut film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
        film.resize(16 * 1024 * 1024 + 1, 0);
        let (rule, message) = problem(&Upload::bytes(film), None);
        let expected = "has 16777217 bytes, and a film may have at most 16777216 (16 MB)";
        assert_eq!((rule, message.as_str()), (Rule::Length, expected));
    }

    #[test]
    fn stickers_that_move_may_be_longer() {
        let sticker = |flags: u8, length: usize| {
            let mut bytes = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0".to_vec();
            bytes.extend_from_slice(&[flags, 0, 0, 0, 0xff, 1, 0, 0xff, 1, 0]);
            bytes.resize(length, 0);
            check(&Upload::bytes(bytes), Some("sticker")).map_err(|problem| problem.message)
        };
        assert!(sticker(0, 100 * 1024).is_ok() && sticker(2, 500 * 1024).is_ok());
        assert!(sticker(0, 100 * 1024 + 1).unwrap_err().contains("does not move may have at most 102400 (100 KB)"));
        assert!(sticker(2, 500 * 1024 + 1).unwrap_err().contains("that moves may have at most 512000"));
    }

    #[test]
    fn the_hash_of_a_file_is_that_of_its_bytes() {
        let path = std::env::temp_dir().join(format!("wacloud-hash-{}", std::process::id()));
        let bytes = vec![7; 200_000];
        std::fs::write(&path, &bytes).unwrap();
        let of_file = content(&UploadSource::File(path.clone())).unwrap();
        std::fs::remove_file(path).unwrap();
        let of_bytes = content(&Upload::bytes(bytes).source).unwrap();
        assert_eq!(of_file.sha256, of_bytes.sha256);
    }
}
