//! Many messages at once: a window over a lazy list.
//!
//! Messages are pulled as room allows, so memory does not grow with the campaign; each ends in one of the four outcomes,
//! and one bad message never stops the rest. What does stop them is a refusal that every further one would meet, too:
//! see [`BulkStream::stopped_by`].

#[cfg(feature = "progress")]
mod bar;
mod engine;
mod handle;
mod one;
mod options;
mod places;
mod progress;
mod result;

#[cfg(feature = "progress")]
pub use bar::Bar;
pub use handle::{Bulk, BulkChunk};
pub use options::BulkOptions;
pub use progress::BulkProgress;
pub use result::{BulkMessage, BulkResult};

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::time::Instant;

use crate::client::Client;
use crate::error::Error;
use engine::Engine;
use progress::Watch;

/// The results of a bulk, as they come. Dropping it drops what is in flight, whose outcome is then not told: call
/// [`BulkStream::stop`] and read on to the end instead.
pub struct BulkStream<I> {
    messages: Option<I>,
    engine: Engine,
    watch: Option<Watch>,
    tell: Vec<Teller>,
}

/// Told how far the bulk is, and whether that is the last time.
type Teller = Box<dyn FnMut(&BulkProgress, bool) + Send>;

impl Client {
    /// Sends many messages. They are taken from `messages` as room allows, and wait for the pace as long as it takes.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) {
    /// use futures_util::StreamExt;
    /// use wacloud::Message;
    ///
    /// let numbers = ["+15550001234", "+15550005678"];
    /// let mut results = wa.send_bulk(numbers.map(|to| Message::text(to, "Hello")));
    /// while let Some(result) = results.next().await {
    ///     println!("{} {}", result.index, result.outcome().name());
    /// }
    /// # }
    /// ```
    pub fn send_bulk<I: IntoIterator<Item: Into<BulkMessage>>>(&self, messages: I) -> BulkStream<I::IntoIter> {
        self.send_bulk_with(messages, &BulkOptions::default())
    }

    /// The same with options of its own. With a journal the same call goes on after an interruption; a message may come as a
    /// pair with a key then.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client, orders: Vec<(String, String)>) {
    /// use futures_util::StreamExt;
    /// use wacloud::Message;
    /// use wacloud::bulk::BulkOptions;
    ///
    /// let options = BulkOptions { journal: Some("campaign.db".to_owned()), ..BulkOptions::default() };
    /// let messages = orders.into_iter().map(|(order, to)| (order, Message::text(to, "It is on its way.")));
    /// let mut results = wa.send_bulk_with(messages, &options);
    /// while let Some(result) = results.next().await {
    ///     println!("{:?} {} {}", result.key, result.outcome().name(), result.replayed);
    /// }
    /// if let Some(error) = results.stopped_by() {
    ///     println!("{error}");
    /// }
    /// # }
    /// ```
    pub fn send_bulk_with<I: IntoIterator<Item: Into<BulkMessage>>>(
        &self,
        messages: I,
        options: &BulkOptions,
    ) -> BulkStream<I::IntoIter> {
        let messages = messages.into_iter();
        let length = match messages.size_hint() {
            (least, Some(most)) if least == most => u64::try_from(least).ok(),
            _ => None,
        };
        let counted = BulkOptions { total: options.total.or(length), ..options.clone() };
        let engine = Engine::new(self.clone(), &counted);
        let stream = BulkStream { messages: Some(messages), engine, watch: None, tell: Vec::new() };
        #[cfg(feature = "progress")]
        if options.progress == Some(true) {
            return stream.with_bar();
        }
        stream
    }
}

impl<I> BulkStream<I> {
    /// Calls a function with how far the bulk is, while results are awaited: at most ten times a second, and once in the
    /// end.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) {
    /// use futures_util::StreamExt;
    /// use wacloud::Message;
    ///
    /// let messages = (0..1_000).map(|n| Message::text(format!("+1555000{n:04}"), "Hello"));
    /// let mut results = wa.send_bulk(messages).on_progress(|progress| {
    ///     println!("{} done, {:.1} a second", progress.done, progress.rate);
    /// });
    /// while let Some(result) = results.next().await { /* … */ }
    /// # }
    /// ```
    #[must_use]
    pub fn on_progress(mut self, mut tell: impl FnMut(&BulkProgress) + Send + 'static) -> Self {
        self.tell.push(Box::new(move |progress, _| tell(progress)));
        self.watch = Some(Watch::default());
        self
    }

    #[cfg(feature = "progress")]
    fn with_bar(mut self) -> Self {
        let mut bar = Bar::new();
        self.tell.push(Box::new(move |progress, is_last| {
            bar.show(progress);
            if is_last {
                bar.finish();
            }
        }));
        self.watch = Some(Watch::default());
        self
    }

    /// How far the bulk is now.
    pub fn progress(&self) -> BulkProgress {
        self.engine.tally().progress(Instant::now())
    }

    /// Tells it, if it is time to.
    fn tell_progress(&mut self, cx: &mut Context<'_>) {
        let Some(watch) = &mut self.watch else { return };
        let now = || self.engine.tally().progress(Instant::now());
        while watch.poll(cx, now().done).is_ready() {
            let progress = now();
            self.tell.iter_mut().for_each(|tell| tell(&progress, false));
        }
    }

    /// Tells it for the last time.
    fn tell_the_end(&mut self) {
        if self.watch.take().is_some() {
            let progress = self.progress();
            self.tell.iter_mut().for_each(|tell| tell(&progress, true));
        }
    }

    /// Takes no further message, and ends those that have not started as not sent. Results go on until all are told.
    pub fn stop(&mut self) {
        self.messages = None;
        self.engine.stop().stop();
    }

    /// The refusal after which the bulk stopped by itself, since every further message would be refused, too: the token is
    /// dead, the account locked or blocked, or the number has reached the spam limit. Or the error of the journal, which could
    /// not be opened (then there are no results at all) or written. Nothing more is taken from the list
    /// then, and what had not started ends as not sent. Look here when the results have ended: a list that was not sent to
    /// its end must not be taken for one that was.
    pub fn stopped_by(&self) -> Option<&Error> {
        self.engine.stop().refusal()
    }
}

impl<I: Iterator<Item: Into<BulkMessage>> + Unpin> Stream for BulkStream<I> {
    type Item = BulkResult;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<BulkResult>> {
        let this = self.get_mut();
        std::task::ready!(this.engine.poll_open(cx));
        while this.engine.room() > 0 {
            match this.messages.as_mut().and_then(Iterator::next).map(Into::into) {
                Some(BulkMessage { key, message }) => this.engine.push(Ok(message), key),
                None => {
                    this.messages = None;
                    break;
                }
            }
        }
        let next = this.engine.poll_next(cx);
        match next {
            Poll::Ready(None) => {
                std::task::ready!(this.engine.poll_close(cx));
                this.tell_the_end();
            }
            _ => this.tell_progress(cx),
        }
        next
    }
}
