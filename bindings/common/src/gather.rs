//! How many results of a bulk a host is told at once.

use std::time::Duration;

use futures_util::FutureExt as _;
use wacloud::Error;

/// So long results are gathered before the host is woken, which costs it 10 to 30 us of its own each time.
const GATHER: Duration = Duration::from_millis(1);
/// So many are worth it at once.
const ENOUGH: usize = 64;

/// The next results of `next`: those of a moment, if more are to come. `None` when all is told.
pub(crate) async fn gathered<F>(
    next: impl Fn() -> F,
    is_more_to_come: impl Fn() -> bool,
) -> Option<Result<Vec<String>, Error>>
where
    F: Future<Output = Option<Result<Vec<String>, Error>>>,
{
    let mut results = next().await?;
    if let Ok(results) = &mut results
        && results.len() < ENOUGH
        && is_more_to_come()
    {
        tokio::time::sleep(GATHER).await;
        if let Some(Some(more)) = next().now_or_never() {
            match more {
                Ok(more) => results.extend(more),
                Err(error) => return Some(Err(error)),
            }
        }
    }
    Some(results)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
    use tokio::time::Instant;

    use super::*;

    type Chunk = Result<Vec<String>, Error>;

    /// Results that come when the test says so.
    struct Source(RefCell<UnboundedReceiver<Chunk>>);

    fn source() -> (UnboundedSender<Chunk>, Source) {
        let (tell, results) = unbounded_channel();
        (tell, Source(RefCell::new(results)))
    }

    impl Source {
        /// What was gathered, and in how many milliseconds.
        #[expect(clippy::await_holding_refcell_ref, reason = "only one reads")]
        async fn gathered(&self, is_more_to_come: bool) -> (Option<Chunk>, u128) {
            let begun = Instant::now();
            let next = || async { self.0.borrow_mut().recv().await };
            let told = gathered(next, || is_more_to_come).await;
            (told, begun.elapsed().as_millis())
        }
    }

    fn results(names: &[&str]) -> Chunk {
        Ok(names.iter().map(ToString::to_string).collect())
    }

    fn many(count: usize) -> Chunk {
        Ok((0..count).map(|n| n.to_string()).collect())
    }

    fn broken() -> Chunk {
        Err(Error::Internal { message: "broken".into(), may_have_been_sent: true })
    }

    #[track_caller]
    fn assert_told(told: Option<Chunk>, expected: Chunk) {
        assert_eq!(told.unwrap().unwrap(), expected.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn few_results_wait_a_moment_for_those_that_come_in_it() {
        let (tell, source) = source();
        tell.send(results(&["a"])).unwrap();
        let ((told, took_ms), ()) = tokio::join!(source.gathered(true), async {
            // The first is taken by now, and the moment has begun.
            tell.send(results(&["b", "c"])).unwrap();
            tell.send(results(&["d"])).unwrap();
        });
        assert_told(told, results(&["a", "b", "c"]));
        assert_eq!(took_ms, 1);
        assert_told(source.gathered(false).await.0, results(&["d"]));
    }

    #[tokio::test(start_paused = true)]
    async fn the_moment_ends_also_if_nothing_comes_in_it() {
        let (tell, source) = source();
        tell.send(results(&["a"])).unwrap();
        let (told, took_ms) = source.gathered(true).await;
        assert_told(told, results(&["a"]));
        assert_eq!(took_ms, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_results_and_enough_of_them_are_told_at_once() {
        let (tell, source) = source();
        for (count, is_more_to_come, ms) in [(1, false, 0), (64, true, 0), (65, true, 0), (63, true, 1)] {
            tell.send(many(count)).unwrap();
            let (told, took_ms) = source.gathered(is_more_to_come).await;
            assert_told(told, many(count));
            assert_eq!(took_ms, ms, "{count} {is_more_to_come}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_is_told_at_once_and_after_what_came_before_it() {
        let (tell, source) = source();
        tell.send(results(&["a"])).unwrap();
        drop(tell);
        assert_told(source.gathered(true).await.0, results(&["a"]));
        let (told, took_ms) = source.gathered(true).await;
        assert!(told.is_none() && took_ms == 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_read_is_told_first_or_second() {
        let (tell, source) = source();
        tell.send(broken()).unwrap();
        let (told, took_ms) = source.gathered(true).await;
        assert!(told.unwrap().is_err() && took_ms == 0);
        tell.send(results(&["a"])).unwrap();
        tell.send(broken()).unwrap();
        assert!(source.gathered(true).await.0.unwrap().is_err());
    }
}
