//! Many messages at once: a window over a lazy list.
//!
//! Messages are pulled as room allows, so memory does not grow with the campaign; each ends in one of the four outcomes,
//! and one bad message never stops the rest. What does stop them is a refusal that every further one would meet, too:
//! see [`BulkStream::stopped_by`].

mod engine;
mod handle;

pub use engine::{BulkOptions, BulkResult};
pub use handle::{Bulk, BulkChunk};

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::client::Client;
use crate::error::Error;
use crate::message::Message;
use engine::Engine;

/// The results of a bulk, as they come. Dropping it drops what is in flight, whose outcome is then not told: call
/// [`BulkStream::stop`] and read on to the end instead.
pub struct BulkStream<I> {
    messages: Option<I>,
    engine: Engine,
}

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
    pub fn send_bulk<I: IntoIterator<Item = Message>>(&self, messages: I) -> BulkStream<I::IntoIter> {
        self.send_bulk_with(messages, &BulkOptions::default())
    }

    /// The same with options of its own.
    pub fn send_bulk_with<I: IntoIterator<Item = Message>>(
        &self,
        messages: I,
        options: &BulkOptions,
    ) -> BulkStream<I::IntoIter> {
        BulkStream { messages: Some(messages.into_iter()), engine: Engine::new(self.clone(), options) }
    }
}

impl<I> BulkStream<I> {
    /// Takes no further message, and ends those that have not started as not sent. Results go on until all are told.
    pub fn stop(&mut self) {
        self.messages = None;
        self.engine.stop().stop();
    }

    /// The refusal after which the bulk stopped by itself, since every further message would be refused, too: the token is
    /// dead, the account locked or blocked, or the number has reached the spam limit. Nothing more is taken from the list
    /// then, and what had not started ends as not sent. Look here when the results have ended: a list that was not sent to
    /// its end must not be taken for one that was.
    pub fn stopped_by(&self) -> Option<&Error> {
        self.engine.stop().refusal()
    }
}

impl<I: Iterator<Item = Message> + Unpin> Stream for BulkStream<I> {
    type Item = BulkResult;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<BulkResult>> {
        let this = self.get_mut();
        while this.engine.room() > 0 {
            match this.messages.as_mut().and_then(Iterator::next) {
                Some(message) => this.engine.push(Ok(message), None),
                None => {
                    this.messages = None;
                    break;
                }
            }
        }
        this.engine.poll_next(cx)
    }
}
