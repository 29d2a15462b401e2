//! Media on their way down: from the address that Meta names, to a file or into memory. The token goes to that address only
//! if it is Meta's own, or that of the API which the client was made for.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ring::digest;
use tokio::time::Instant;
use url::Url;

use super::send::How;
use super::transport::{Fetched, Refusal};
use super::upload::time_for;
use super::{Client, token};
use crate::error::{ApiError, Attempted, DeliveryUnknown, Error, NotSentReason, Result};
use crate::graph::GraphError;
use crate::graph::codes::ErrorClass;
use crate::message::Violation;
use crate::message::violation::Rule;
use crate::outcome;

/// Where Meta keeps media: the host of every address in its page "Media", and in every recorded answer.
const MEDIA_HOST: &str = "lookaside.fbsbx.com";

/// What is to be fetched.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) url: &'a str,
    /// As Meta tells it: in hexadecimal digits, or in base64.
    pub(crate) sha256: &'a str,
    pub(crate) max_bytes: u64,
}

/// What came.
#[derive(Debug)]
pub(crate) struct Downloaded {
    pub(crate) length_bytes: u64,
    pub(crate) sha256: String,
    /// What was to stay in memory.
    pub(crate) data: Option<Bytes>,
}

/// Where it goes.
#[derive(Debug)]
pub(crate) enum Target {
    Memory,
    File(Partial),
}

/// A file beside the one that it will be.
#[derive(Debug)]
pub(crate) struct Partial {
    path: PathBuf,
    partial: PathBuf,
    is_complete: bool,
}

impl Partial {
    /// Makes a file in the same directory: what cannot be written is told before anything is asked for.
    pub(crate) fn create(path: &Path) -> std::result::Result<Self, Violation> {
        let refused = |why: String| Violation::new("path", Rule::Format, why);
        if path.is_dir() {
            return Err(refused(format!("is a directory: give the path of a file in it: {}", path.display())));
        }
        let Some(name) = path.file_name() else {
            return Err(refused(format!("is not the path of a file: {}", path.display())));
        };
        let partial = path.with_file_name(format!(".{}.{:08x}.part", name.to_string_lossy(), rand::random::<u32>()));
        let cannot = |error: io::Error| refused(format!("cannot be written: {}: {error}", path.display()));
        std::fs::OpenOptions::new().write(true).create_new(true).open(&partial).map_err(cannot)?;
        Ok(Partial { path: path.to_owned(), partial, is_complete: false })
    }

    /// The file, empty again.
    fn open(&self) -> io::Result<std::fs::File> {
        std::fs::OpenOptions::new().write(true).truncate(true).open(&self.partial)
    }

    fn complete(&mut self) -> io::Result<()> {
        std::fs::rename(&self.partial, &self.path)?;
        self.is_complete = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_complete {
            let _ = std::fs::remove_file(&self.partial);
        }
    }
}

/// Why a try to fetch brought nothing.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The address has ended: a new one is to be asked for.
    Gone(Error),
    /// It may be better next time.
    Again(Error),
    Finally(Error),
}

impl Client {
    /// Fetches media from an address that Meta named, with repetitions.
    pub(crate) async fn fetch(
        &self,
        wanted: &Wanted<'_>,
        target: &mut Target,
        how: &How,
    ) -> std::result::Result<Downloaded, Failed> {
        let url = self.media_url(wanted.url).map_err(Failed::Finally)?;
        let settings = self.settings();
        let for_file = time_for(wanted.max_bytes);
        let total = how.options.timeout_ms.map_or(settings.total_timeout + for_file, Duration::from_millis);
        let until = Instant::now() + total;
        let mut attempted = Attempted { operation: "media.download", ..Attempted::default() };
        let mut renewed = false;
        loop {
            attempted.attempts += 1;
            let deadline = until.min(Instant::now() + settings.attempt_timeout + for_file);
            let error = match self.fetch_once(&url, wanted, target, how, deadline, &attempted).await {
                Err(Failed::Again(error)) => error,
                // A token that a function gave is worn out: it gives another.
                Err(Failed::Finally(Error::Api(error)))
                    if error.class == ErrorClass::Authentication && self.has_token_function() && !renewed =>
                {
                    renewed = true;
                    self.token_cache().forget();
                    continue;
                }
                other => return other,
            };
            let pause = outcome::backoff(attempted.attempts - 1, rand::random());
            if attempted.attempts > settings.max_retries || Instant::now() + pause >= until || !self.may_retry() {
                return Err(Failed::Finally(error));
            }
            self.counters.retried();
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = how.cancel.cancelled() => return Err(Failed::Finally(error)),
            }
        }
    }

    async fn fetch_once(
        &self,
        url: &Url,
        wanted: &Wanted<'_>,
        target: &mut Target,
        how: &How,
        deadline: Instant,
        attempted: &Attempted,
    ) -> std::result::Result<Downloaded, Failed> {
        let token = token::token(self.fixed_token(), self.token_cache(), self.token_source(), attempted);
        let token =
            tokio::time::timeout_at(deadline, token).await.unwrap_or_else(|_| Err(token::not_in_time(attempted)));
        let token = token.map_err(Failed::Finally)?;
        let lost = |reason, cause: String| Failed::Again(unknown(reason, cause, attempted));
        let unwritable = |error: &io::Error| {
            let why = format!("cannot be written: {error}");
            Failed::Finally(Error::Validation(Violation::new("path", Rule::Format, why).into()))
        };
        let mut sink = Sink::open(target).map_err(|error| unwritable(&error))?;
        let body = async move {
            let mut fetched = match self.transport().fetch(url.clone(), &token).await.map_err(Failed::Finally)? {
                Ok(fetched) => fetched,
                Err(Refusal::NoConnection(cause)) => {
                    let error = Error::not_sent(NotSentReason::Connection, cause, attempted.clone());
                    return Err(Failed::Again(error));
                }
                Err(Refusal::Status { status, body }) => return Err(refused(status, &body, attempted)),
            };
            self.answered();
            if fetched.length_bytes.is_some_and(|length| length > wanted.max_bytes) {
                return Err(too_long(wanted.max_bytes));
            }
            loop {
                match Fetched::next(&mut fetched).await {
                    Ok(None) => return Ok(sink),
                    Ok(Some(data)) => {
                        if sink.length_bytes + data.len() as u64 > wanted.max_bytes {
                            return Err(too_long(wanted.max_bytes));
                        }
                        sink = sink.write(data).await.map_err(|error| unwritable(&error))?;
                    }
                    Err(cause) => return Err(lost("connection_lost", format!("the connection was lost: {cause}"))),
                }
            }
        };
        let sink = tokio::select! {
            biased;
            done = body => done?,
            () = how.cancel.cancelled() => {
                let cause = "it was cancelled before all of it had come";
                return Err(Failed::Finally(Error::not_sent(NotSentReason::Cancelled, cause, attempted.clone())));
            }
            () = tokio::time::sleep_until(deadline) => {
                return Err(lost("timeout", "not all of it came in time".to_owned()));
            }
        };
        let downloaded = sink.end().map_err(|error| unwritable(&error))?;
        if !is_hash(wanted.sha256, &downloaded.sha256) {
            let cause = format!(
                "what came is not what Meta announced: its SHA-256 is {}, and should be {}",
                downloaded.sha256, wanted.sha256
            );
            return Err(lost("broken_answer", cause));
        }
        if let Target::File(file) = target {
            file.complete().map_err(|error| unwritable(&error))?;
        }
        Ok(downloaded)
    }

    /// The address, if the token may go there.
    fn media_url(&self, url: &str) -> Result<Url> {
        let refused = |why: String| {
            let why = format!("{why}: the token goes to Meta's media host ({MEDIA_HOST}) and to the API only");
            Error::Validation(Violation::new("url", Rule::Format, why).into())
        };
        let Ok(url) = Url::parse(url) else { return Err(refused("is not an address".to_owned())) };
        let is_metas = url.scheme() == "https" && url.host_str() == Some(MEDIA_HOST) && url.port().is_none();
        let is_api = Url::parse(self.base_url()).is_ok_and(|api| api.origin() == url.origin());
        let has_password = !url.username().is_empty() || url.password().is_some();
        match (is_metas || is_api) && !has_password {
            true => Ok(url),
            false => Err(refused(format!("leads to {}", url.host_str().unwrap_or("nowhere")))),
        }
    }
}

/// An answer that is no media.
fn refused(status: u16, body: &[u8], attempted: &Attempted) -> Failed {
    let error = GraphError::from_body(body);
    let is_server_error = status >= 500;
    let told = error.is_some();
    let api = || Error::Api(Box::new(ApiError::new(status, error, None, attempted.clone())));
    match status {
        // "404 = get a new URL" (Meta's page "Media", download).
        404 => Failed::Gone(api()),
        _ if is_server_error && !told => {
            Failed::Again(unknown("server_error", format!("the answer was HTTP {status}"), attempted))
        }
        _ if is_server_error => Failed::Again(api()),
        _ => Failed::Finally(api()),
    }
}

fn too_long(max_bytes: u64) -> Failed {
    Failed::Finally(longer(format!("is longer than {max_bytes} bytes, which is all that max_bytes allows")))
}

/// The refusal of media that are too long.
pub(crate) fn longer(message: String) -> Error {
    Error::Validation(Violation::new("max_bytes", Rule::Length, message).into())
}

fn unknown(reason: &'static str, cause: String, attempted: &Attempted) -> Error {
    let attempted = attempted.clone();
    Error::DeliveryUnknown(Box::new(DeliveryUnknown {
        reason,
        cause,
        status: None,
        code: None,
        resent: false,
        attempted,
    }))
}

/// Whether two hashes are the same: `told` in hexadecimal digits, as `GET /{media-id}` has it, or in base64, as webhooks do.
fn is_hash(told: &str, hex: &str) -> bool {
    told.is_empty() || told.eq_ignore_ascii_case(hex) || told.trim_end_matches('=') == base64(hex)
}

/// Hexadecimal digits as base64 (RFC 4648) without padding.
fn base64(hex: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut text) = (0_u32, 0, String::new());
    let mut put = |bits: u32| text.push(char::from(DIGITS[usize::try_from(bits & 0x3f).unwrap_or_default()]));
    for digit in hex.chars() {
        bits = bits << 4 | digit.to_digit(16).unwrap_or_default();
        count += 4;
        if count >= 6 {
            count -= 6;
            put(bits >> count);
        }
    }
    if count > 0 {
        put(bits << (6 - count));
    }
    text
}

/// Where bytes go as they come.
struct Sink {
    place: Place,
    hash: digest::Context,
    length_bytes: u64,
}

enum Place {
    Memory(BytesMut),
    File(Arc<std::fs::File>),
}

impl Sink {
    fn open(target: &Target) -> io::Result<Self> {
        let place = match target {
            Target::Memory => Place::Memory(BytesMut::new()),
            Target::File(partial) => Place::File(Arc::new(partial.open()?)),
        };
        Ok(Sink { place, hash: digest::Context::new(&digest::SHA256), length_bytes: 0 })
    }

    async fn write(mut self, data: Bytes) -> io::Result<Self> {
        self.length_bytes += data.len() as u64;
        self.hash.update(&data);
        match &mut self.place {
            Place::Memory(all) => all.extend_from_slice(&data),
            // Disks make wait, so another thread writes.
            Place::File(file) => {
                let file = file.clone();
                tokio::task::spawn_blocking(move || (&*file).write_all(&data)).await.map_err(io::Error::other)??;
            }
        }
        Ok(self)
    }

    fn end(self) -> io::Result<Downloaded> {
        let sha256 = self.hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let data = match self.place {
            Place::Memory(data) => Some(data.freeze()),
            Place::File(file) => {
                file.sync_all()?;
                None
            }
        };
        Ok(Downloaded { length_bytes: self.length_bytes, sha256, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_to(base_url: &str, url: &str) -> bool {
        let mut settings = super::super::Settings::new("106540352242922", "EAAG");
        settings.base_url = Some(base_url.to_owned());
        Client::with_shared(settings, &super::super::Shared::new()).unwrap().media_url(url).is_ok()
    }

    #[test]
    fn the_token_goes_to_meta_and_to_the_api_only() {
        let graph = "https://graph.facebook.com";
        for fine in
            ["https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", "https://graph.facebook.com/v25.0/x"]
        {
            assert!(goes_to(graph, fine), "{fine}");
        }
        for wrong in [
            "https://example.com/lookaside.fbsbx.com",
            "https://lookaside.fbsbx.com.example.com/",
            "https://lookaside.fbsbx.com@example.com/",
            "https://u:p@lookaside.fbsbx.com/",
            "https://lookaside.fbsbx.com:8443/",
            "http://lookaside.fbsbx.com/",
            "http://127.0.0.1:8025/",
            "https://fbsbx.com/",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!goes_to(graph, wrong), "{wrong}");
        }
        assert!(goes_to("http://127.0.0.1:8025", "http://127.0.0.1:8025/media/1"));
        assert!(!goes_to("http://127.0.0.1:8025", "http://127.0.0.1:8026/media/1"), "another server of this machine");
    }

    #[test]
    fn both_ways_of_writing_a_hash_are_read() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(is_hash(hex, hex) && is_hash(&hex.to_uppercase(), hex));
        assert!(is_hash("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", hex));
        assert!(!is_hash("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa1=", hex));
        assert!(is_hash("", hex), "Meta told none");
    }
}
