//! A panic stops here: unwinding into C is undefined, and a host must not die of a mistake of ours.
//!
//! What a panic says can quote a message's text (a slice out of range does), so it is neither printed nor told: the
//! place in the source is.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use wacloud::Error;

thread_local! {
    static FENCES: Cell<u32> = const { Cell::new(0) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What `work` returns, or an error if it panicked.
pub(crate) fn fenced<T>(may_have_been_sent: bool, work: impl FnOnce() -> T) -> Result<T, Error> {
    keep_panics_quiet();
    FENCES.set(FENCES.get() + 1);
    // Whatever a panic leaves half done is behind a lock that forgives it, or dropped with the call.
    let outcome = catch_unwind(AssertUnwindSafe(work));
    FENCES.set(FENCES.get() - 1);
    outcome.map_err(|_| {
        let place = PLACE.take();
        let place = place.as_deref().unwrap_or("an unknown place");
        Error::Internal { message: format!("a panic at {place}"), may_have_been_sent }
    })
}

/// What `future` returns, or an error if it panicked. Whether a message had gone out by then nobody knows.
pub(crate) async fn fenced_future<F: Future>(future: F) -> Result<F::Output, Error> {
    let mut future = pin!(future);
    poll_fn(|cx| match fenced(true, || future.as_mut().poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(error) => std::task::Poll::Ready(Err(error)),
    })
    .await
}

/// Remembers where a fenced panic happened instead of printing what it says. Other panics are as before.
fn keep_panics_quiet() {
    // Not a `Once`: a child forked while it runs would wait for ever for a thread that it does not have.
    static DONE: AtomicBool = AtomicBool::new(false);
    if DONE.load(Ordering::Relaxed) || DONE.swap(true, Ordering::Relaxed) {
        return;
    }
    let before = take_hook();
    set_hook(Box::new(move |panic| {
        if FENCES.get() == 0 {
            before(panic);
        } else {
            PLACE.set(panic.location().map(ToString::to_string));
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_that_tells_its_place_and_not_its_text() {
        let error = fenced(true, || panic!("+15550001234")).unwrap_err();
        let text = error.to_json();
        assert!(text.contains("fence.rs:"), "{text}");
        assert!(text.contains("may have gone out"), "{text}");
        assert!(!text.contains("+15550001234"), "{text}");
        assert!(!fenced(false, || panic!()).map_or_else(|e| e.to_json(), |()| String::new()).contains("may have gone"));
    }

    #[test]
    fn what_does_not_panic_passes() {
        assert_eq!(fenced(false, || 7).unwrap(), 7);
    }

    #[tokio::test]
    async fn a_panic_in_a_future_is_an_error() {
        let future = async {
            tokio::task::yield_now().await;
            if true {
                panic!("boom");
            }
        };
        let error = fenced_future(future).await.unwrap_err();
        assert!(error.to_json().contains("InternalError"));
        assert_eq!(fenced_future(async { 7 }).await.unwrap(), 7);
    }
}
