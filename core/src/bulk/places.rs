//! Where messages under way are kept. The place of one that is over is taken by the next: asking the allocator for some
//! thousand bytes for each is dearer than much else that a message costs (glibc tidies up its small pieces first).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::ReusableBoxFuture;

type Place<T> = ReusableBoxFuture<'static, T>;

/// Futures under way, which end in any order.
pub(super) struct Places<T> {
    taken: FuturesUnordered<Taken<T>>,
    free: Vec<Place<T>>,
}

/// A future at its place, which it gives back when it is over.
struct Taken<T>(Option<Place<T>>);

impl<T> Future for Taken<T> {
    type Output = (T, Option<Place<T>>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(place) = &mut self.0 else { return Poll::Pending };
        let output = ready!(place.poll(cx));
        Poll::Ready((output, self.0.take()))
    }
}

impl<T: Send + 'static> Places<T> {
    pub(super) fn new() -> Self {
        Places { taken: FuturesUnordered::new(), free: Vec::new() }
    }

    pub(super) fn push(&mut self, future: impl Future<Output = T> + Send + 'static) {
        let place = match self.free.pop() {
            Some(mut place) => {
                place.set(future);
                place
            }
            None => ReusableBoxFuture::new(future),
        };
        self.taken.push(Taken(Some(place)));
    }

    /// What the next of them ended with; `None` when none is under way.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let over = ready!(Pin::new(&mut self.taken).poll_next(cx));
        Poll::Ready(over.map(|(output, place)| {
            self.free.extend(place);
            output
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn what_is_over_makes_room_for_the_next() {
        let mut cx = Context::from_waker(Waker::noop());
        let mut places = Places::new();
        let under_way = |number: u32| async move { number };
        places.push(under_way(1));
        places.push(under_way(2));
        assert_eq!(places.poll_next(&mut cx), Poll::Ready(Some(1)));
        places.push(under_way(3));
        assert!(places.free.is_empty(), "the third has the place of the first");
        let rest = [places.poll_next(&mut cx), places.poll_next(&mut cx), places.poll_next(&mut cx)];
        assert_eq!(rest, [Poll::Ready(Some(2)), Poll::Ready(Some(3)), Poll::Ready(None)]);
        assert_eq!(places.free.len(), 2);
    }

    #[test]
    fn others_than_before_are_kept_as_well() {
        let mut cx = Context::from_waker(Waker::noop());
        let mut places = Places::new();
        places.push(async { String::from("small") });
        assert!(places.poll_next(&mut cx).is_ready());
        let large = [7_u8; 4096];
        places.push(async move { format!("{}", large.len()) });
        assert_eq!(places.poll_next(&mut cx), Poll::Ready(Some("4096".to_owned())));
    }
}
