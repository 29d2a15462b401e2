//! Many messages under way. Core keeps the window over them; this keeps its results until the host fetches them, and
//! takes no more of them out of core than a few fetches' worth, so that a slow reader holds the sending back instead of
//! filling the memory.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use serde::de::IgnoredAny;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use wacloud::bulk::{Bar, Bulk, BulkChunk, BulkOptions, BulkProgress};
use wacloud::{Client, Error, Level};

use crate::Callback;
use crate::call::runtime_ended;
use crate::envelope;
use crate::feed::{Feed, Watcher};
use crate::fence::{fenced, fenced_future};
use crate::gather::gathered;
use crate::log::{self, HostLog};
use crate::mailbox::Mailbox;
use crate::options;
use crate::process::{Bound, Pid};
use crate::token::HostToken;

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
    bar: Option<Mutex<Bar>>,
}

/// What a host says about a bulk: core's options, `progress_callback` where it has a function for progress, and `log` where
/// it wants log events.
pub(crate) struct Options {
    core: BulkOptions,
    watcher: Watcher,
    log: Option<Level>,
}

impl Options {
    pub(crate) fn from_json(json: &str) -> Result<Self, Error> {
        let (mut own, core) = options::split(json, &["progress_callback", log::OPTION]);
        let has_function = own.remove("progress_callback") == Some(Value::Bool(true));
        let core = BulkOptions::from_json(&core)?;
        let watcher = match core.progress {
            _ if has_function => Watcher::Host,
            Some(true) => Watcher::Bar,
            _ => Watcher::Nobody,
        };
        Ok(Options { core, watcher, log: log::level(&mut own)? })
    }
}

impl Live {
    /// Draws the bar, if there is one, on the thread that fetches.
    fn draw(&self) {
        let Some(bar) = &self.bar else { return };
        let (progress, is_over) = self.mailbox.change(Feed::take_for_bar);
        let mut bar = bar.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(progress) = progress {
            bar.show(&progress);
        }
        if is_over {
            bar.finish();
        }
    }
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

impl BulkHandle {
    pub(crate) fn start(pid: Pid, runtime: &Handle, client: &Client, options: &Options) -> Self {
        let mailbox = Arc::new(Mailbox::new(Feed::new(options.watcher)));
        let mut client = client.with_token_source(Arc::new(HostToken(Arc::clone(&mailbox))));
        if let Some(least) = options.log {
            client = client.with_observer(Arc::new(HostLog { mailbox: Arc::clone(&mailbox), least }));
        }
        let space = Arc::new(Notify::new());
        let bulk = {
            let _inside = runtime.enter();
            Arc::new(Bulk::start(client, &options.core))
        };
        mailbox.change(|feed| feed.comes_from(Arc::clone(&bulk)));
        if options.watcher != Watcher::Nobody {
            runtime.spawn(watch(Arc::clone(&bulk), Arc::downgrade(&mailbox)));
        }
        let ends = EndsAlways(Some(Arc::clone(&mailbox)));
        runtime.spawn(pump(Arc::clone(&bulk), Arc::clone(&mailbox), Arc::clone(&space), ends));
        let bar = (options.watcher == Watcher::Bar).then(|| Mutex::new(Bar::new()));
        Self::new(pid, Live { mailbox, bulk: Ok(bulk), space, is_stopped: AtomicBool::new(false), bar })
    }

    /// A bulk that ended before it began.
    pub(crate) fn failed(pid: Pid, envelope: String) -> Self {
        let mailbox = Arc::new(Mailbox::new(Feed::ended(envelope.clone())));
        let bulk = Err(envelope);
        Self::new(pid, Live { mailbox, bulk, space: Arc::default(), is_stopped: AtomicBool::new(false), bar: None })
    }

    fn new(pid: Pid, live: Live) -> Self {
        Self(Arc::new(Bound::new(pid, live)))
    }

    /// Appends messages, `[["send_text", {…}], ["send_text", {…}, "key"], …]`. The envelope has how many more are welcome
    /// now; more than that are taken, and only fill the memory.
    pub fn push(&self, items_json: &str) -> String {
        let pushed = self.with(|live| {
            let bulk = live.bulk.as_ref().map_err(String::clone)?;
            let count = serde_json::from_str::<Vec<IgnoredAny>>(items_json).map_or(0, |items| items.len());
            // Before core can tell of them.
            live.mailbox.change(|feed| feed.push(count));
            match bulk.push_json(items_json) {
                Ok(room) => Ok(envelope::ok(&room.to_string())),
                Err(error) => {
                    live.mailbox.change(|feed| feed.take_back(count));
                    Err(envelope::error(&error))
                }
            }
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

    /// Results (256 at most), an event that wants an answer, log events, or the end, as soon as there is something, at the latest
    /// after `timeout`. Blocks this thread only. The end is `{"done": true}`, or an error envelope if the bulk could not
    /// begin or go on; it is told as often as it is asked for.
    ///
    /// Results with `"stopped": true` say that nothing more will be sent: the host calls [`finish`](Self::finish) and
    /// fetches the rest, and the end is the error that stopped the bulk. Where the options say that the host has a function
    /// for progress, results come with `"progress": {…}` now and then, also without any result, and once after the last.
    /// A bar is drawn from here.
    pub fn next(&self, timeout: Duration) -> Option<String> {
        let told = self.with(|live| {
            let told = live.mailbox.wait(timeout);
            live.space.notify_one();
            live.draw();
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
    let next = || async { bulk.next().await.map(|chunk| read(&chunk)) };
    let is_more_to_come = || bulk.untold() > 0;
    let end = loop {
        match fenced_future(gathered(next, is_more_to_come)).await {
            Ok(Some(Ok(results))) => mailbox.change(|feed| feed.add(results)),
            Ok(Some(Err(error))) => break envelope::error(&error),
            Ok(None) => break mailbox.look(|feed| feed.end_of_all(bulk.stopped_by())),
            Err(error) => break envelope::error(&error),
        }
        while mailbox.look(Feed::is_full) {
            space.notified().await;
        }
    };
    ends.with(end, bulk.progress());
}

/// Tells how far the bulk is, as long as there is somebody to tell.
async fn watch(bulk: Arc<Bulk>, mailbox: Weak<Mailbox<Feed>>) {
    loop {
        let progress = bulk.next_progress().await;
        let Some(mailbox) = mailbox.upgrade() else { return };
        if !mailbox.change(|feed| feed.tell_progress(progress)) {
            return;
        }
    }
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
    fn with(mut self, end: String, progress: BulkProgress) {
        if let Some(mailbox) = self.0.take() {
            mailbox.change(|feed| feed.end(end, Some(progress)));
        }
    }
}

impl Drop for EndsAlways {
    fn drop(&mut self) {
        if let Some(mailbox) = self.0.take() {
            let error = envelope::error(&runtime_ended());
            mailbox.change(|feed| feed.end(error, None));
        }
    }
}
