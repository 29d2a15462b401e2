//! How a file goes up, in a form (RFC 7578) or bare: read while it is sent, a piece at a time, with a length that is known
//! before.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::FutureExt as _;
use ring::digest;
use tokio::task::JoinHandle;

use super::body::{BodyError, Grip, Piece, WatchedBody};
use crate::message::UploadSource;

/// How much of a file is in memory at a time.
const PIECE_BYTES: u64 = 128 * 1024;

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct UploadProgress {
    /// Bytes of the file that were handed to the connection. An upload that is tried again begins at 0.
    pub sent_bytes: u64,
    /// Bytes of the file.
    pub total_bytes: u64,
}

/// Who is told how far an upload is, from the thread that sends it: it must not wait.
pub type ProgressFn = Arc<dyn Fn(UploadProgress) + Send + Sync>;

/// A file and what is said about it.
pub(super) struct Form {
    content_type: String,
    head: Bytes,
    source: UploadSource,
    pub(super) length_bytes: u64,
    /// Where a bare file goes on, in bytes from its beginning.
    pub(super) offset_bytes: Option<u64>,
    tail: Bytes,
    progress: Option<ProgressFn>,
    /// What the file must be.
    sha256: Option<[u8; 32]>,
}

impl Form {
    /// The form of Meta's page "Media", upload: `messaging_product`, `type` and the file.
    pub(super) fn new(
        source: UploadSource,
        length_bytes: u64,
        mime_type: &str,
        filename: &str,
        progress: Option<ProgressFn>,
    ) -> Self {
        // In no file by chance.
        let boundary = format!("wacloud-{:032x}", rand::random::<u128>());
        let field = |name: &str, value: &str| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let head = format!(
            "{}{}--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             Content-Type: {mime_type}\r\n\r\n",
            field("messaging_product", "whatsapp"),
            field("type", mime_type),
            quoted(filename),
        );
        let tail = format!("\r\n--{boundary}--\r\n");
        Form {
            content_type: format!("multipart/form-data; boundary={boundary}"),
            head: head.into(),
            source,
            length_bytes,
            offset_bytes: None,
            tail: tail.into(),
            progress,
            sha256: None,
        }
    }

    /// The same, of a file that must have this hash: one that has another, since it was changed, is not sent to its end.
    pub(super) fn of_content(self, sha256: Option<[u8; 32]>) -> Self {
        Form { sha256, ..self }
    }

    /// The file alone, from this place on.
    pub(super) fn bare(
        source: UploadSource,
        length_bytes: u64,
        mime_type: &str,
        offset_bytes: u64,
        progress: Option<ProgressFn>,
    ) -> Self {
        Form {
            content_type: mime_type.to_owned(),
            head: Bytes::new(),
            source,
            length_bytes,
            offset_bytes: Some(offset_bytes),
            tail: Bytes::new(),
            progress,
            sha256: None,
        }
    }

    pub(super) fn content_type(&self) -> &str {
        &self.content_type
    }

    pub(super) fn watched(&self, grip: Grip) -> io::Result<WatchedBody> {
        let sent_bytes = self.offset_bytes.unwrap_or_default().min(self.length_bytes);
        let reading = match &self.source {
            UploadSource::Bytes(held) => {
                let mut bytes = held.share();
                let sent = usize::try_from(sent_bytes).unwrap_or(usize::MAX).min(bytes.len());
                Reading::Memory(bytes.split_off(sent))
            }
            UploadSource::File(path) => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(sent_bytes))?;
                let hash = self.sha256.map(|_| Box::new(digest::Context::new(&digest::SHA256)));
                Reading::Idle(Source { file, hash })
            }
        };
        // Bytes in memory are what they were.
        let expected = self.sha256.filter(|_| matches!(reading, Reading::Idle(_)));
        if expected.is_some() {
            grip.wants_check();
        }
        let file = FilePiece {
            reading,
            sent_bytes,
            total_bytes: self.length_bytes,
            progress: self.progress.clone(),
            expected: expected.map(|sha256| (sha256, grip.clone())),
        };
        let length = self.head.len() as u64 + (self.length_bytes - sent_bytes) + self.tail.len() as u64;
        let pieces = [Piece::Bytes(self.head.clone()), Piece::File(file), Piece::Bytes(self.tail.clone())];
        Ok(WatchedBody::of(pieces, length, grip))
    }
}

/// A file's name in a header, as browsers write it (WHATWG, HTML, multipart/form-data).
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// A file on its way.
pub(super) struct FilePiece {
    reading: Reading,
    sent_bytes: u64,
    total_bytes: u64,
    progress: Option<ProgressFn>,
    /// What it must be, and who is told whether it is.
    expected: Option<([u8; 32], Grip)>,
}

enum Reading {
    Memory(Bytes),
    Idle(Source),
    /// Disks make wait, so another thread reads.
    Busy(JoinHandle<io::Result<(Source, Bytes)>>),
    Done,
}

/// A file, and the hash of what was read of it.
struct Source {
    file: File,
    hash: Option<Box<digest::Context>>,
}

impl FilePiece {
    /// The next piece, `None` at the end.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, BodyError>> {
        let left = self.total_bytes - self.sent_bytes;
        let wanted = left.min(PIECE_BYTES);
        let data = loop {
            match std::mem::replace(&mut self.reading, Reading::Done) {
                _ if left == 0 => return Poll::Ready(Ok(None)),
                Reading::Done => return Poll::Ready(Err(BodyError::Shorter)),
                Reading::Memory(mut bytes) => {
                    let data = bytes.split_to(bytes.len().min(usize::try_from(wanted).unwrap_or(usize::MAX)));
                    self.reading = Reading::Memory(bytes);
                    break data;
                }
                Reading::Idle(file) => {
                    self.reading = Reading::Busy(tokio::task::spawn_blocking(move || read(file, wanted)));
                }
                Reading::Busy(mut reading) => {
                    let polled = reading.poll_unpin(cx);
                    if polled.is_pending() {
                        self.reading = Reading::Busy(reading);
                    }
                    let read = ready!(polled).map_err(io::Error::other).and_then(|read| read);
                    let (source, data) = read.map_err(BodyError::Unreadable)?;
                    // Its last piece does not go before it is known that all of it is what it should be.
                    if data.len() as u64 == left
                        && let (Some((expected, grip)), Some(hash)) = (&self.expected, &source.hash)
                        && !grip.checked(hash.clone().finish().as_ref() == expected)
                    {
                        return Poll::Ready(Err(BodyError::Changed));
                    }
                    self.reading = Reading::Idle(source);
                    break data;
                }
            }
        };
        if data.is_empty() {
            if let Some((_, grip)) = &self.expected {
                grip.checked(false);
            }
            return Poll::Ready(Err(BodyError::Shorter));
        }
        self.sent_bytes += data.len() as u64;
        if let Some(progress) = &self.progress {
            progress(UploadProgress { sent_bytes: self.sent_bytes, total_bytes: self.total_bytes });
        }
        Poll::Ready(Ok(Some(data)))
    }
}

fn read(mut source: Source, wanted: u64) -> io::Result<(Source, Bytes)> {
    let mut data = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
    (&mut source.file).take(wanted).read_to_end(&mut data)?;
    if let Some(hash) = &mut source.hash {
        hash.update(&data);
    }
    Ok((source, data.into()))
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::Pin;

    use http_body::Body as _;

    use super::*;
    use crate::message::Upload;

    async fn whole(form: &Form) -> Result<Vec<u8>, String> {
        let mut body = form.watched(Grip::default()).map_err(|error| error.to_string())?;
        let announced = body.size_hint().exact().unwrap_or_default();
        let mut all = Vec::new();
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            all.extend_from_slice(&frame.map_err(|error| error.to_string())?.into_data().unwrap_or_default());
        }
        assert_eq!(all.len() as u64, announced);
        Ok(all)
    }

    #[tokio::test]
    async fn a_file_is_the_same_as_its_bytes_and_as_long_as_was_said() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let path = std::env::temp_dir().join(format!("wacloud-form-{}", std::process::id()));
        std::fs::write(&path, &bytes).unwrap();
        let form = |source| Form::new(source, 300_000, "application/pdf", "a \"b\".pdf", None);
        let of_file = whole(&form(UploadSource::File(path.clone()))).await.unwrap();
        std::fs::remove_file(path).unwrap();
        let of_bytes = whole(&form(Upload::bytes(bytes.clone()).source)).await.unwrap();
        assert_eq!(of_file.len(), of_bytes.len());
        let text = String::from_utf8_lossy(&of_file[..600]);
        assert!(text.contains("name=\"type\"\r\n\r\napplication/pdf\r\n"), "{text}");
        assert!(text.contains("filename=\"a %22b%22.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"), "{text}");
        let at = of_file.windows(bytes.len()).position(|window| window == bytes);
        assert!(at.is_some(), "the file is in it");
    }

    #[tokio::test]
    async fn a_file_that_becomes_shorter_is_told() {
        let form = Form::new(Upload::bytes(vec![1; 10]).source, 11, "text/plain", "a.txt", None);
        assert_eq!(whole(&form).await.unwrap_err(), "the file became shorter while it was read");
    }

    #[tokio::test]
    async fn a_file_that_is_not_what_it_was_does_not_go_to_its_end() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let path = std::env::temp_dir().join(format!("wacloud-changed-{}", std::process::id()));
        std::fs::write(&path, &bytes).unwrap();
        let expected = digest::digest(&digest::SHA256, &bytes).as_ref().try_into().unwrap();
        let source = UploadSource::File(path.clone());
        let form = Form::new(source, 300_000, "text/plain", "a.txt", None).of_content(Some(expected));
        assert!(whole(&form).await.is_ok());
        for (at, length) in [(0, 300_000), (299_999, 300_000), (0, 400_000)] {
            let mut other = bytes.clone();
            other.resize(length, 0);
            other[at] ^= 1;
            std::fs::write(&path, &other).unwrap();
            assert_eq!(whole(&form).await.unwrap_err(), "the file was changed while it was read", "{at}");
        }
        std::fs::remove_file(path).unwrap();
    }
}
