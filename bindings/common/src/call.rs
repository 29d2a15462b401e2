//! One call under way.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use wacloud::inbox::ServiceWindow;
use wacloud::registry::Reply;
use wacloud::{CallOptions, CancelToken, Client, Error, Level, Pinned, UploadProgress, registry};

use crate::Callback;
use crate::envelope;
use crate::fence::{fenced, fenced_future};
use crate::log::HostLog;
use crate::mailbox::{Content, Mailbox};
use crate::process::{Bound, Pid};
use crate::token::HostToken;

/// A call under way, or ended. Clones are the same call; dropping it does not cancel it.
#[derive(Clone)]
pub struct CallHandle(Arc<Call>);

struct Call {
    /// What it answers in a process that did not begin it.
    forked: Error,
    live: Bound<Live>,
}

struct Live {
    mailbox: Arc<Mailbox<Answer>>,
    cancel: CancelToken,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.mailbox.abandon();
    }
}

#[derive(Default)]
struct Answer {
    /// The envelope, once it is there. It stays.
    envelope: Option<String>,
    /// What belongs to it and is no JSON.
    bytes: Option<Bytes>,
    /// How far an upload is, where that was not told yet.
    progress: Option<UploadProgress>,
}

impl Answer {
    fn of(envelope: String) -> Self {
        Answer { envelope: Some(envelope), ..Answer::default() }
    }
}

impl Content for Answer {
    fn is_ready(&self) -> bool {
        self.envelope.is_some() || self.progress.is_some()
    }

    fn fetch(&mut self) -> String {
        match self.progress.take() {
            Some(progress) => envelope::progress(progress),
            None => self.envelope.clone().unwrap_or_default(),
        }
    }
}

/// What a call is made of.
pub(crate) struct Request {
    pub(crate) operation: String,
    pub(crate) params: Pinned,
    pub(crate) options: CallOptions,
    /// What a message depends on beside itself.
    pub(crate) within: Option<Within>,
    /// Which log events the host wants.
    pub(crate) log: Option<Level>,
    /// Whether the host wants to know how far an upload is.
    pub(crate) progress: bool,
    /// The options, for the files that the fallback names.
    pub(crate) given: Pinned,
}

/// A message that goes out only while the window of its recipient is open.
pub(crate) struct Within {
    pub(crate) window: ServiceWindow,
    /// What goes out else: an operation and its arguments.
    pub(crate) fallback: (String, String),
}

impl CallHandle {
    pub(crate) fn start(pid: Pid, runtime: &Handle, client: &Client, request: Request) -> Self {
        let handle = Self::new(pid, &request.operation, Answer::default());
        if let Some(live) = handle.0.live.get() {
            let answers = AnswersAlways(Some(Arc::clone(&live.mailbox)));
            let tokens = HostToken(Arc::clone(&live.mailbox));
            let mut client = client.with_token_source(Arc::new(tokens));
            if let Some(least) = request.log {
                client = client.with_observer(Arc::new(HostLog { mailbox: Arc::clone(&live.mailbox), least }));
            }
            if request.progress {
                let mailbox = Arc::clone(&live.mailbox);
                client = client.with_upload_progress(Arc::new(move |progress| {
                    mailbox.change(|answer| answer.progress = Some(progress));
                }));
            }
            runtime.spawn(run(client, request, live.cancel.clone(), answers));
        }
        handle
    }

    /// Work that is no request: nothing is logged of it, and it cannot be cancelled.
    pub(crate) fn begin(
        pid: Pid,
        runtime: &Handle,
        work: impl Future<Output = Result<String, Error>> + Send + 'static,
    ) -> Self {
        let handle = Self::new(pid, "", Answer::default());
        if let Some(live) = handle.0.live.get() {
            let answers = AnswersAlways(Some(Arc::clone(&live.mailbox)));
            runtime.spawn(async move { answers.give(told(fenced_future(work).await), None) });
        }
        handle
    }

    /// A call that ended before it began.
    pub(crate) fn failed(pid: Pid, operation: &str, error: &Error) -> Self {
        Self::new(pid, operation, Answer::of(envelope::error(error)))
    }

    fn new(pid: Pid, operation: &str, answer: Answer) -> Self {
        let live = Live { mailbox: Arc::new(Mailbox::new(answer)), cancel: CancelToken::new() };
        Self(Arc::new(Call { forked: forked(operation), live: Bound::new(pid, live) }))
    }

    /// The answer, an event that wants one, or log events, as soon as there is something, at the latest after `timeout`.
    /// Blocks this thread only. Events are told once, an answer as often as it is asked for.
    pub fn wait(&self, timeout: Duration) -> Option<String> {
        match fenced(true, || self.0.live.get().map(|live| live.mailbox.wait(timeout))) {
            Ok(Some(told)) => told,
            Ok(None) => Some(envelope::error(&self.0.forked)),
            Err(error) => Some(envelope::error(&error)),
        }
    }

    /// The bytes that belong to the answer, of a call that fetches some. They are given once.
    pub fn bytes(&self) -> Option<Bytes> {
        fenced(false, || self.0.live.get().and_then(|live| live.mailbox.change(|answer| answer.bytes.take())))
            .ok()
            .flatten()
    }

    /// Asks the call to end soon. What became of its message is in its answer, as always.
    pub fn cancel(&self) {
        self.quietly(|live| live.cancel.cancel());
    }

    /// Calls `callback` once, when [`wait`](Self::wait) has something: from the runtime's thread, or from this one if
    /// that is so already. Another one takes its place.
    pub fn on_done(&self, callback: Callback) {
        match self.0.live.get() {
            Some(live) => {
                let _ = fenced(false, || live.mailbox.on_ready(callback));
            }
            None => {
                let _ = fenced(false, callback);
            }
        }
    }

    /// Answers the event that [`wait`](Self::wait) returned.
    pub fn answer(&self, answer_json: &str) {
        self.quietly(|live| live.mailbox.answer(answer_json));
    }

    /// Nothing comes back from these, and what went wrong shows in the answer.
    fn quietly(&self, work: impl FnOnce(&Live)) {
        if let Some(live) = self.0.live.get() {
            let _ = fenced(false, || work(live));
        }
    }
}

fn forked(operation: &str) -> Error {
    // What has no name here was refused before it could go anywhere.
    let (name, is_message) = registry::describe(operation).unwrap_or_default();
    Error::forked(name, is_message)
}

async fn run(client: Client, request: Request, cancel: CancelToken, answers: AnswersAlways) {
    let Request { operation, params, options, within, log: _, progress: _, given } = request;
    let call = (operation.as_str(), params.arguments());
    let replied = match &within {
        None => fenced_future(registry::dispatch(&client, call.0, call.1, &options, cancel)).await,
        Some(within) => {
            let fallback = (within.fallback.0.as_str(), within.fallback.1.as_str());
            fenced_future(within.window.dispatch(&client, call, fallback, &options, cancel)).await
        }
    };
    drop((params, given));
    match replied {
        Ok(Ok(Reply { json, bytes })) => {
            let envelope = if bytes.is_some() { envelope::ok_with_bytes(&json) } else { envelope::ok(&json) };
            answers.give(envelope, bytes);
        }
        Ok(Err(error)) | Err(error) => answers.give(envelope::error(&error), None),
    }
}

fn told(outcome: Result<Result<String, Error>, Error>) -> String {
    match outcome {
        Ok(Ok(output)) => envelope::ok(&output),
        Ok(Err(error)) | Err(error) => envelope::error(&error),
    }
}

/// Whoever waits gets an answer, also when the runtime ends in the middle of a call.
struct AnswersAlways(Option<Arc<Mailbox<Answer>>>);

impl AnswersAlways {
    fn give(mut self, envelope: String, bytes: Option<Bytes>) {
        if let Some(mailbox) = self.0.take() {
            mailbox.change(|answer| (answer.envelope, answer.bytes) = (Some(envelope), bytes));
        }
    }
}

impl Drop for AnswersAlways {
    fn drop(&mut self) {
        if let Some(mailbox) = self.0.take() {
            let error = envelope::error(&runtime_ended());
            mailbox.change(|answer| answer.envelope = Some(error));
        }
    }
}

pub(crate) fn runtime_ended() -> Error {
    Error::Internal { message: "the runtime was ended while this was under way".into(), may_have_been_sent: true }
}
