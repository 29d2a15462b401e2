//! Many messages under way. Core keeps the window over them; this keeps its results until the host fetches them, and
//! takes no more of them out of core than a few fetches' worth, so that a slow reader holds the sending back instead of
//! filling the memory.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::de::IgnoredAny;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use wacloud::bulk::{Bulk, BulkChunk, BulkOptions};
use wacloud::{Client, Error};

use crate::Callback;
use crate::call::runtime_ended;
use crate::envelope;
use crate::fence::{fenced, fenced_future};
use crate::mailbox::{Content, Mailbox};
use crate::process::{Bound, Pid};
use crate::token::HostToken;

/// How many results one `next` returns, and how many wait here before core is asked for more.
const CHUNK: usize = 256;

/// A bulk under way, or ended. Clones are the same bulk. Dropping the last one cancels what has not started.
#[derive(Clone)]
pub struct BulkHandle(Arc<Bound<Live>>);

struct Live {
    mailbox: Arc<Mailbox<Feed>>,
    /// The bulk, or the envelope of why there is none.
    bulk: Result<Arc<Bulk>, String>,
    /// Told when results were fetched.
    space: Arc<Notify>,
    is_stopped: AtomicBool,
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Ok(bulk) = &self.bulk {
            bulk.stop();
        }
        self.mailbox.abandon();
        self.mailbox.change(Feed::abandon);
        self.space.notify_one();
    }
}

/// Results that wait to be fetched.
#[derive(Default)]
struct Feed {
    results: VecDeque<String>,
    /// How many more messages are welcome, as core said last.
    room: usize,
    pushed: usize,
    told: usize,
    /// No further message is of use: the host should ask its list for no more.
    is_stopped: bool,
    /// What is told after the last result, for ever.
    end: Option<String>,
    is_abandoned: bool,
}

impl Feed {
    fn add(&mut self, results: Vec<String>, chunk: &BulkChunk) {
        self.told += results.len();
        self.room = chunk.room;
        self.is_stopped = chunk.is_stopped;
        if !self.is_abandoned {
            self.results.extend(results);
        }
    }

    /// What to tell after core has told everything. Neither a message that is never told nor a bulk that stopped by itself
    /// must look like the end of the list.
    fn end_of_all(&self, stopped_by: Option<&Error>) -> String {
        match (self.pushed.checked_sub(self.told), stopped_by) {
            (None | Some(0), None) => envelope::DONE.into(),
            (None | Some(0), Some(refusal)) => envelope::stopped(refusal),
            (Some(lost), _) => envelope::error(&Error::Internal {
                message: format!("the bulk broke off: nothing is known of {lost} of its messages"),
                may_have_been_sent: true,
            }),
        }
    }

    fn is_full(&self) -> bool {
        self.results.len() >= CHUNK
    }

    fn abandon(&mut self) {
        self.is_abandoned = true;
        self.results.clear();
    }
}

impl Content for Feed {
    fn is_ready(&self) -> bool {
        !self.results.is_empty() || self.end.is_some()
    }

    fn fetch(&mut self) -> String {
        if let (true, Some(end)) = (self.results.is_empty(), &self.end) {
            return end.clone();
        }
        let chunk: Vec<String> = self.results.drain(..self.results.len().min(CHUNK)).collect();
        envelope::results(&chunk, self.room, self.is_stopped)
    }
}

impl BulkHandle {
    pub(crate) fn start(pid: Pid, runtime: &Handle, client: &Client, options: &BulkOptions) -> Self {
        let mailbox = Arc::new(Mailbox::new(Feed::default()));
        let client = client.with_token_source(Arc::new(HostToken(Arc::clone(&mailbox))));
        let space = Arc::new(Notify::new());
        let bulk = {
            let _inside = runtime.enter();
            Arc::new(Bulk::start(client, options))
        };
        let ends = EndsAlways(Some(Arc::clone(&mailbox)));
        runtime.spawn(pump(Arc::clone(&bulk), Arc::clone(&mailbox), Arc::clone(&space), ends));
        Self::new(pid, mailbox, Ok(bulk), space)
    }

    /// A bulk that ended before it began.
    pub(crate) fn failed(pid: Pid, envelope: String) -> Self {
        let feed = Feed { end: Some(envelope.clone()), ..Feed::default() };
        Self::new(pid, Arc::new(Mailbox::new(feed)), Err(envelope), Arc::default())
    }

    fn new(pid: Pid, mailbox: Arc<Mailbox<Feed>>, bulk: Result<Arc<Bulk>, String>, space: Arc<Notify>) -> Self {
        let live = Live { mailbox, bulk, space, is_stopped: AtomicBool::new(false) };
        Self(Arc::new(Bound::new(pid, live)))
    }

    /// Appends messages, `[["send_text", {…}], ["send_text", {…}, "key"], …]`. The envelope has how many more are welcome
    /// now; more than that are taken, and only fill the memory.
    pub fn push(&self, items_json: &str) -> String {
        let pushed = self.with(|live| {
            let bulk = live.bulk.as_ref().map_err(String::clone)?;
            let count = serde_json::from_str::<Vec<IgnoredAny>>(items_json).map_or(0, |items| items.len());
            // Before core can tell of them.
            live.mailbox.change(|feed| feed.pushed += count);
            let room = match bulk.push_json(items_json) {
                Ok(room) => room,
                Err(error) => {
                    live.mailbox.change(|feed| feed.pushed -= count);
                    return Err(envelope::error(&error));
                }
            };
            live.mailbox.change(|feed| feed.room = room);
            Ok(envelope::ok(&room.to_string()))
        });
        pushed.and_then(|pushed| pushed).unwrap_or_else(|error| error)
    }

    /// No more messages will come.
    pub fn finish(&self) {
        self.quietly(|live| {
            if let Ok(bulk) = &live.bulk {
                bulk.finish();
            }
        });
    }

    /// What has not started will not; what is in flight is waited for and told. A second time, what is in flight ends at
    /// once, too.
    pub fn cancel(&self) {
        self.quietly(|live| {
            let Ok(bulk) = &live.bulk else { return };
            if live.is_stopped.swap(true, Ordering::Relaxed) {
                bulk.cancel();
            } else {
                bulk.stop();
            }
        });
    }

    /// Results (256 at most), an event that wants an answer, or the end, as soon as there is something, at the latest
    /// after `timeout`. Blocks this thread only. The end is `{"done": true}`, or an error envelope if the bulk could not
    /// begin or go on; it is told as often as it is asked for.
    ///
    /// Results with `"stopped": true` say that nothing more will be sent: the host calls [`finish`](Self::finish) and
    /// fetches the rest, and the end is the error that stopped the bulk.
    pub fn next(&self, timeout: Duration) -> Option<String> {
        let told = self.with(|live| {
            let told = live.mailbox.wait(timeout);
            live.space.notify_one();
            told
        });
        told.unwrap_or_else(Some)
    }

    /// Calls `callback` once, when [`next`](Self::next) has something: from the runtime's thread, or from this one if
    /// that is so already. Another one takes its place.
    pub fn on_ready(&self, callback: Callback) {
        let _ = match self.0.get() {
            Some(live) => fenced(false, || live.mailbox.on_ready(callback)),
            None => fenced(false, callback),
        };
    }

    /// Answers the event that [`next`](Self::next) returned.
    pub fn answer(&self, answer_json: &str) {
        self.quietly(|live| live.mailbox.answer(answer_json));
    }

    /// Whether its messages are still under way, also after the last handle is gone.
    #[cfg(test)]
    pub(crate) fn probe(&self) -> impl Fn() -> bool + use<> {
        let mailbox = self.0.get().map(|live| Arc::downgrade(&live.mailbox));
        move || mailbox.as_ref().is_some_and(|mailbox| mailbox.strong_count() > 0)
    }

    /// The error is an envelope.
    fn with<T>(&self, work: impl FnOnce(&Live) -> T) -> Result<T, String> {
        match self.0.get() {
            Some(live) => fenced(true, || work(live)).map_err(|error| envelope::error(&error)),
            None => Err(envelope::error(&Error::forked("send_bulk", true))),
        }
    }

    /// Nothing comes back from these, and what went wrong shows in the results.
    fn quietly(&self, work: impl FnOnce(&Live)) {
        if self.0.get().is_some() {
            let _ = self.with(work);
        }
    }
}

/// Takes results out of core as long as somebody fetches them.
async fn pump(bulk: Arc<Bulk>, mailbox: Arc<Mailbox<Feed>>, space: Arc<Notify>, ends: EndsAlways) {
    let end = loop {
        match fenced_future(bulk.next()).await {
            Ok(Some(chunk)) => match read(&chunk) {
                Ok(results) => mailbox.change(|feed| feed.add(results, &chunk)),
                Err(error) => break envelope::error(&error),
            },
            Ok(None) => break mailbox.look(|feed| feed.end_of_all(bulk.stopped_by())),
            Err(error) => break envelope::error(&error),
        }
        while mailbox.look(Feed::is_full) {
            space.notified().await;
        }
    };
    ends.with(end);
}

fn read(chunk: &BulkChunk) -> Result<Vec<String>, Error> {
    let results = chunk.results.iter().map(serde_json::to_string);
    results.collect::<Result<_, _>>().map_err(|error| Error::Internal {
        message: format!("a result could not be written as JSON: {error}"),
        may_have_been_sent: true,
    })
}

/// Whoever waits is told the end, also when the runtime ends in the middle of a bulk.
struct EndsAlways(Option<Arc<Mailbox<Feed>>>);

impl EndsAlways {
    fn with(mut self, end: String) {
        if let Some(mailbox) = self.0.take() {
            mailbox.change(|feed| feed.end = Some(end));
        }
    }
}

impl Drop for EndsAlways {
    fn drop(&mut self) {
        if let Some(mailbox) = self.0.take() {
            let error = envelope::error(&runtime_ended());
            mailbox.change(|feed| feed.end = Some(error));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(room: usize) -> BulkChunk {
        BulkChunk { results: Vec::new(), room, is_stopped: false }
    }

    #[test]
    fn an_end_that_leaves_messages_untold_is_an_error() {
        let mut feed = Feed { pushed: 3, ..Feed::default() };
        feed.add(vec!["{}".into(); 2], &chunk(5));
        assert!(feed.end_of_all(None).contains("nothing is known of 1 of its messages"));
        feed.add(vec!["{}".into()], &chunk(5));
        assert_eq!(feed.end_of_all(None), envelope::DONE);
    }

    #[test]
    fn a_fetch_is_a_chunk_and_the_end_comes_last() {
        let mut feed = Feed { end: Some(envelope::DONE.into()), ..Feed::default() };
        feed.add(vec!["1".into(); CHUNK + 1], &chunk(7));
        assert!(feed.is_full());
        assert_eq!(feed.fetch().matches('1').count(), CHUNK);
        assert!(!feed.is_full());
        assert_eq!(feed.fetch(), r#"{"results":[1],"room":7}"#);
        assert_eq!(feed.fetch(), envelope::DONE);
        assert_eq!(feed.fetch(), envelope::DONE);
    }
}
