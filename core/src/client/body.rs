//! A request body that is taken up or withdrawn, one of them and for good.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

const WAITING: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

/// Whether a request's body was taken up for writing. Until then no complete request can have left; from then on it may
/// have, whatever error follows.
///
/// A connection runs on another thread than the call that waits for it, and could take the body up just after the call has
/// given up. So giving up withdraws the body: what is reported as not sent stays where it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Grip(Arc<AtomicU8>);

impl Grip {
    /// Keeps the body from being taken up. `false` when that has happened already.
    pub(super) fn withdraw(&self) -> bool {
        self.settle(WITHDRAWN)
    }

    fn take(&self) -> bool {
        self.settle(TAKEN)
    }

    /// Whoever comes first decides.
    fn settle(&self, fate: u8) -> bool {
        match self.0.compare_exchange(WAITING, fate, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(settled) => settled == fate,
        }
    }
}

/// Why a connection does not get a body: nobody waits for its answer any more.
#[derive(Debug, thiserror::Error)]
#[error("the request was withdrawn")]
pub(super) struct Withdrawn;

/// A body in one piece that a connection gets once, unless it was withdrawn.
pub(super) struct WatchedBody {
    data: Option<Bytes>,
    grip: Grip,
}

impl WatchedBody {
    pub(super) fn new(data: Bytes, grip: Grip) -> Self {
        // Nobody asks for a body that is empty: its request is complete without it, and may leave at any time.
        if data.is_empty() {
            grip.take();
        }
        WatchedBody { data: Some(data), grip }
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = Withdrawn;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Withdrawn>>> {
        // Noted first: a write that fails later must find it noted.
        let is_taken = self.grip.take();
        let frame = |data| if is_taken { Ok(Frame::data(data)) } else { Err(Withdrawn) };
        Poll::Ready(self.data.take().map(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(body: &mut WatchedBody) -> Option<Result<Bytes, Withdrawn>> {
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
        assert!(matches!(poll(&mut body), Some(Err(Withdrawn))));
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
