//! A request body that is taken up or withdrawn, one of them and for good.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::header::{HeaderValue, InvalidHeaderValue};

use super::form::{FilePiece, Form};

const WAITING: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

/// Whether a request's body was taken up for writing. Until then no complete request can have left; from then on it may
/// have, whatever error follows.
///
/// A connection runs on another thread than the call that waits for it, and could take the body up just after the call has
/// given up. So giving up withdraws the body: what is reported as not sent stays where it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Grip(Arc<Fate>);

#[derive(Debug, Default)]
struct Fate {
    body: AtomicU8,
    file: AtomicU8,
}

const NO_CHECK: u8 = 0;
const UNCHECKED: u8 = 1;
const SOUND: u8 = 2;
const CHANGED: u8 = 3;

impl Grip {
    /// The body has a file that is checked while it is read.
    pub(super) fn wants_check(&self) {
        self.0.file.store(UNCHECKED, Ordering::Release);
    }

    /// Notes whether it is what it should be.
    pub(super) fn checked(&self, is_sound: bool) -> bool {
        self.0.file.store(if is_sound { SOUND } else { CHANGED }, Ordering::Release);
        is_sound
    }

    /// Whether its file is another one than it should be.
    pub(super) fn is_changed(&self) -> bool {
        self.0.file.load(Ordering::Acquire) == CHANGED
    }

    /// Whether nobody knows that its file is what it should be.
    pub(super) fn is_unchecked(&self) -> bool {
        !matches!(self.0.file.load(Ordering::Acquire), NO_CHECK | SOUND)
    }

    /// Keeps the body from being taken up. `false` when that has happened already.
    pub(super) fn withdraw(&self) -> bool {
        self.settle(WITHDRAWN)
    }

    fn take(&self) -> bool {
        self.settle(TAKEN)
    }

    /// Whoever comes first decides.
    fn settle(&self, fate: u8) -> bool {
        match self.0.body.compare_exchange(WAITING, fate, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(settled) => settled == fate,
        }
    }
}

/// Why a connection does not get a body, or not all of it.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    /// Nobody waits for the answer any more.
    #[error("the request was withdrawn")]
    Withdrawn,
    #[error("the file could not be read any further: {0}")]
    Unreadable(io::Error),
    #[error("the file became shorter while it was read")]
    Shorter,
    #[error("the file was changed while it was read")]
    Changed,
}

/// What a request carries; each attempt begins it anew.
#[derive(Clone)]
pub(super) enum Outgoing {
    Json(Bytes),
    Form(Arc<Form>),
}

impl Outgoing {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Outgoing::Json(json) if json.is_empty())
    }

    pub(super) fn content_type(&self) -> Result<HeaderValue, InvalidHeaderValue> {
        match self {
            Outgoing::Json(_) => Ok(HeaderValue::from_static("application/json")),
            Outgoing::Form(form) => HeaderValue::from_str(form.content_type()),
        }
    }

    /// The body of an attempt. A file is opened.
    pub(super) fn watched(&self, grip: Grip) -> io::Result<WatchedBody> {
        match self {
            Outgoing::Json(json) => Ok(WatchedBody::new(json.clone(), grip)),
            Outgoing::Form(form) => form.watched(grip),
        }
    }

    /// The JSON that it is.
    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            Outgoing::Json(json) => serde_json::from_slice(json).unwrap_or_default(),
            Outgoing::Form(_) => serde_json::Value::Null,
        }
    }

    /// Where a file goes on that is sent bare: the header `file_offset`.
    pub(super) fn file_offset(&self) -> Option<u64> {
        match self {
            Outgoing::Json(_) => None,
            Outgoing::Form(form) => form.offset_bytes,
        }
    }

    /// How many bytes of a file it has: they take longer than an answer.
    pub(super) fn file_bytes(&self) -> u64 {
        match self {
            Outgoing::Json(_) => 0,
            Outgoing::Form(form) => form.length_bytes,
        }
    }
}

/// A body that a connection gets once, unless it was withdrawn.
pub(super) struct WatchedBody {
    pieces: VecDeque<Piece>,
    /// How many bytes are not given yet.
    left: u64,
    grip: Grip,
}

pub(super) enum Piece {
    Bytes(Bytes),
    File(FilePiece),
}

impl WatchedBody {
    pub(super) fn new(data: Bytes, grip: Grip) -> Self {
        // Nobody asks for a body that is empty: its request is complete without it, and may leave at any time.
        if data.is_empty() {
            grip.take();
        }
        let left = data.len() as u64;
        WatchedBody { pieces: VecDeque::from([Piece::Bytes(data)]), left, grip }
    }

    pub(super) fn of(pieces: impl Into<VecDeque<Piece>>, length: u64, grip: Grip) -> Self {
        WatchedBody { pieces: pieces.into(), left: length, grip }
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        // Noted first: a write that fails later must find it noted.
        let is_taken = self.grip.take();
        loop {
            let data = match self.pieces.front_mut() {
                None => return Poll::Ready(None),
                Some(_) if !is_taken => {
                    self.pieces.clear();
                    return Poll::Ready(Some(Err(BodyError::Withdrawn)));
                }
                Some(Piece::Bytes(data)) => {
                    let data = std::mem::take(data);
                    self.pieces.pop_front();
                    data
                }
                Some(Piece::File(file)) => match ready!(file.poll_read(cx)) {
                    Ok(Some(data)) => data,
                    Ok(None) => {
                        self.pieces.pop_front();
                        continue;
                    }
                    Err(error) => {
                        self.pieces.clear();
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            };
            self.left = self.left.saturating_sub(data.len() as u64);
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(body: &mut WatchedBody) -> Option<Result<Bytes, BodyError>> {
        let polled = Pin::new(body).poll_frame(&mut Context::from_waker(std::task::Waker::noop()));
        match polled {
            Poll::Ready(frame) => frame.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default())),
            Poll::Pending => None,
        }
    }

    #[test]
    fn what_was_taken_up_cannot_be_withdrawn_and_is_given_once() {
        let grip = Grip::default();
        let mut body = WatchedBody::new(Bytes::from_static(b"{}"), grip.clone());
        assert!(matches!(poll(&mut body), Some(Ok(data)) if data == "{}"));
        assert!(poll(&mut body).is_none());
        assert!(!grip.withdraw());
    }

    #[test]
    fn what_was_withdrawn_is_never_given() {
        let grip = Grip::default();
        let mut body = WatchedBody::new(Bytes::from_static(b"{}"), grip.clone());
        assert!(grip.withdraw() && grip.withdraw());
        assert!(matches!(poll(&mut body), Some(Err(BodyError::Withdrawn))));
        assert!(poll(&mut body).is_none());
    }

    #[test]
    fn a_request_without_a_body_may_leave_at_any_time() {
        let grip = Grip::default();
        let _body = WatchedBody::new(Bytes::new(), grip.clone());
        assert!(!grip.withdraw());
    }

    #[test]
    fn of_two_threads_one_gets_it() {
        for _ in 0..200 {
            let grip = Grip::default();
            let mut body = WatchedBody::new(Bytes::from_static(b"{}"), grip.clone());
            let connection = std::thread::spawn(move || matches!(poll(&mut body), Some(Ok(_))));
            let was_withdrawn = grip.withdraw();
            assert_ne!(connection.join().is_ok_and(|taken| taken), was_withdrawn);
        }
    }
}
