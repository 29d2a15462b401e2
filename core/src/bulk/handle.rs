//! A bulk whose messages are pushed and whose results are fetched, for callers that have no stream: the language packages.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::{Mutex, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::engine::Engine;
use super::options::BulkOptions;
use super::progress::{BulkProgress, Tally, Watch};
use super::result::BulkResult;
use crate::client::Client;
use crate::client::stop::Stop;
use crate::error::{Error, Result};
use crate::journal;
use crate::media;
use crate::message::{Invalid, Message};
use crate::operation::registry;

/// Results that are told together at most: a crossing into another language then costs a share of a message.
const CHUNK: usize = 256;

/// A running bulk.
pub struct Bulk {
    items: std::sync::Mutex<Option<mpsc::UnboundedSender<Vec<Item>>>>,
    results: Mutex<mpsc::UnboundedReceiver<BulkResult>>,
    /// Pushed and not yet told.
    untold: Arc<AtomicU64>,
    window: u64,
    tally: Tally,
    watch: Mutex<Watch>,
    stop: Stop,
    cancel: CancellationToken,
}

/// Results, and how many more messages are wanted.
#[derive(Debug)]
pub struct BulkChunk {
    /// At least one, at most 256.
    pub results: Vec<BulkResult>,
    /// How many more messages the bulk takes without growing.
    pub room: usize,
}

struct Item {
    message: std::result::Result<Message, Invalid>,
    key: Option<String>,
}

impl Bulk {
    /// Starts a bulk. Must be called within a tokio runtime; it runs there until all is told or it is dropped.
    pub fn start(client: Client, options: &BulkOptions) -> Self {
        let engine = Engine::new(client, options);
        let window = engine.window() as u64;
        let (stop, cancel) = (engine.stop().clone(), engine.cancel().clone());
        let tally = engine.tally().clone();
        let (items, queue) = mpsc::unbounded_channel();
        let (tell, results) = mpsc::unbounded_channel();
        tokio::spawn(drive(engine, queue, tell));
        Bulk {
            items: std::sync::Mutex::new(Some(items)),
            results: Mutex::new(results),
            untold: Arc::default(),
            window,
            tally,
            watch: Mutex::default(),
            stop,
            cancel,
        }
    }

    /// Adds messages: a JSON list of `[operation, arguments]` or `[operation, arguments, key]`, in their order. Returns how
    /// many more are wanted; more than that are taken, too, but wait in memory.
    ///
    /// # Errors
    /// [`Error::Config`] when the list is no such list. A message with mistakes is no error: it ends as not sent.
    pub fn push_json(&self, given: &str) -> Result<usize> {
        let items: Vec<Given<'_>> =
            serde_json::from_str(given).map_err(|error| Error::config("messages", error.to_string()))?;
        let sender = self.items.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(sender) = sender.as_ref() else {
            return Err(Error::config("messages", "the bulk takes no more messages"));
        };
        // Before the caller makes the next messages, whose files may have the same paths.
        media::look_at_named(given);
        let items = items.into_iter().map(|Given { operation, arguments, key }| match key {
            Ok(key) => Item { message: registry::message(&operation, arguments), key },
            Err(invalid) => Item { message: Err(invalid), key: None },
        });
        let items: Vec<Item> = items.collect();
        self.untold.fetch_add(items.len() as u64, Ordering::Relaxed);
        // All at once, so that the driver is woken once. It fails when that has ended with its runtime; then `next` says so.
        let _ = sender.send(items);
        Ok(self.room())
    }

    /// How many more messages are wanted now.
    pub fn room(&self) -> usize {
        let room = self.window.saturating_sub(self.untold.load(Ordering::Relaxed));
        if self.stop.is_stopped() { 0 } else { usize::try_from(room).unwrap_or(usize::MAX) }
    }

    /// How many messages were taken whose results were not given yet.
    pub fn untold(&self) -> usize {
        usize::try_from(self.untold.load(Ordering::Relaxed)).unwrap_or(usize::MAX)
    }

    /// There are no more messages.
    pub fn finish(&self) {
        self.items.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    }

    /// Takes no further message, ends what has not started as not sent, and lets what is in flight end by itself.
    pub fn stop(&self) {
        self.finish();
        self.stop.stop();
    }

    /// Ends everything at once, with the outcome that it has by then.
    pub fn cancel(&self) {
        self.stop();
        self.cancel.cancel();
    }

    /// Whether nothing more will be sent, because it was stopped or stopped by itself: call [`Bulk::finish`] and read on to
    /// the end.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }

    /// The refusal after which the bulk stopped by itself, since every further message would be refused, too: a dead token,
    /// a number that is not there, a locked account, the spam limit.
    pub fn stopped_by(&self) -> Option<&Error> {
        self.stop.refusal()
    }

    /// How far it is now.
    pub fn progress(&self) -> BulkProgress {
        self.tally.progress(Instant::now())
    }

    /// How far it is, when that is worth telling: at most ten times a second, and at least once.
    pub async fn next_progress(&self) -> BulkProgress {
        let mut watch = self.watch.lock().await;
        std::future::poll_fn(|cx| watch.poll(cx, self.progress().done)).await;
        self.progress()
    }

    /// The next results; `None` when all is told.
    pub async fn next(&self) -> Option<BulkChunk> {
        let mut results = Vec::new();
        self.results.lock().await.recv_many(&mut results, CHUNK).await;
        self.untold.fetch_sub(results.len() as u64, Ordering::Relaxed);
        (!results.is_empty()).then(|| BulkChunk { results, room: self.room() })
    }
}

impl Drop for Bulk {
    /// Nobody will hear of the results: what has not started must not go out.
    fn drop(&mut self) {
        self.stop();
    }
}

/// `[operation, arguments]` or `[operation, arguments, key]`. The arguments stay text: whoever knows the operation reads
/// them at once as what they are.
#[derive(serde::Deserialize)]
#[serde(from = "Vec<&RawValue>")]
struct Given<'a> {
    operation: String,
    arguments: &'a str,
    key: std::result::Result<Option<String>, Invalid>,
}

impl<'a> From<Vec<&'a RawValue>> for Given<'a> {
    fn from(parts: Vec<&'a RawValue>) -> Self {
        let part = |at: usize| parts.get(at).map_or("null", |part| part.get());
        let operation = serde_json::from_str(part(0)).unwrap_or_default();
        Given { operation, arguments: part(1), key: key(part(2)) }
    }
}

/// A key is text; the number of an order is taken for it.
fn key(json: &str) -> std::result::Result<Option<String>, Invalid> {
    match serde_json::from_str(json) {
        Ok(Value::Null) => Ok(None),
        Ok(Value::String(key)) => Ok(Some(key)),
        Ok(Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(Some(number.to_string())),
        _ => Err(journal::wrong_key("type", "must be text".to_owned())),
    }
}

async fn drive(
    mut engine: Engine,
    mut queue: mpsc::UnboundedReceiver<Vec<Item>>,
    tell: mpsc::UnboundedSender<BulkResult>,
) {
    std::future::poll_fn(|cx| engine.poll_open(cx)).await;
    if engine.could_not_begin() {
        return;
    }
    let mut open = true;
    let mut waiting = VecDeque::new();
    loop {
        let takes = |engine: &Engine| engine.room() > 0 || engine.stop().is_stopped();
        while takes(&engine)
            && let Some(Item { message, key }) = waiting.pop_front()
        {
            engine.push(message, key);
        }
        tokio::select! {
            items = queue.recv(), if open && waiting.is_empty() && takes(&engine) => match items {
                Some(items) => waiting.extend(items),
                None => open = false,
            },
            result = std::future::poll_fn(|cx| match engine.poll_next(cx) {
                // Nothing in flight: more may be pushed.
                std::task::Poll::Ready(None) if open => std::task::Poll::Pending,
                other => other,
            }) => {
                let Some(result) = result else { break };
                // Nobody listens any more: the bulk was dropped, which has stopped it; what is in flight still ends.
                let _ = tell.send(result);
            }
        }
    }
    // Whoever fetches the last result may begin again at once.
    std::future::poll_fn(|cx| engine.poll_close(cx)).await;
}
