//! The native module of wacloud's Node package: clients, calls and bulks as the runtime offers
//! them, text in and text out. It knows no operation; what the texts mean, promises and errors are
//! the TypeScript side's business.

#![allow(clippy::needless_pass_by_value, reason = "napi hands over owned strings and nothing else")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use napi::Status;
use napi::bindgen_prelude::Buffer;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use wacloud_bindings::{BulkHandle, CallHandle, ClientHandle, InboxHandle};

/// Takes no argument, is called without an error, and (weak) does not keep an idle process alive.
type WakeUp = ThreadsafeFunction<(), (), (), Status, false, true>;

/// What a JavaScript thread waits on: one for all its calls and bulks, because a thread-safe
/// function for each of them would cost more than the rest of the call on this side. Each has a
/// number; those with something to tell are collected, and one wake-up serves all of them.
#[napi]
pub struct Waker {
    inner: Arc<WakerInner>,
}

struct WakerInner {
    ready: Mutex<Vec<u32>>,
    wake_up: WakeUp,
}

impl WakerInner {
    fn ready(&self) -> MutexGuard<'_, Vec<u32>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self, number: u32) {
        let mut ready = self.ready();
        ready.push(number);
        let is_first = ready.len() == 1;
        drop(ready);
        if is_first {
            // A thread that is ending refuses; then nobody waits any more.
            self.wake_up.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

#[napi]
impl Waker {
    /// `wakeUp` is called on the thread that made this, when the first number after a `take` is
    /// there.
    #[napi(constructor, catch_unwind)]
    pub fn new(wake_up: WakeUp) -> Self {
        let ready = Mutex::default();
        Self { inner: Arc::new(WakerInner { ready, wake_up }) }
    }

    /// The numbers of the calls and bulks that have something to tell.
    #[napi(catch_unwind)]
    pub fn take(&self) -> Vec<u32> {
        std::mem::take(&mut *self.inner.ready())
    }

    fn ringer(&self, number: u32) -> Box<dyn FnOnce() + Send> {
        let inner = Arc::clone(&self.inner);
        Box::new(move || inner.ring(number))
    }
}

/// A client: settings and token; cheap, and connected to nothing until the first call.
#[napi]
pub struct Client {
    handle: ClientHandle,
}

#[napi]
impl Client {
    /// Never throws: `error` tells what is wrong with the settings.
    #[napi(constructor, catch_unwind)]
    pub fn new(config_json: String) -> Self {
        Self { handle: ClientHandle::new(&config_json) }
    }

    /// The ConfigError as data, if the settings have one.
    #[napi(catch_unwind)]
    pub fn error(&self) -> Option<String> {
        self.handle.error()
    }

    /// Begins a call.
    #[napi(catch_unwind)]
    pub fn submit(&self, operation: String, params_json: String, options_json: String) -> Call {
        Call { handle: self.handle.submit(&operation, &params_json, &options_json) }
    }

    /// Answers a local question: what needs neither a request nor waiting.
    #[napi(catch_unwind)]
    pub fn look(&self, what_json: String) -> String {
        self.handle.look(&what_json)
    }

    /// Begins a bulk, empty so far.
    #[napi(catch_unwind)]
    pub fn bulk(&self, options_json: String) -> Bulk {
        Bulk { handle: self.handle.bulk(&options_json) }
    }
}

/// What is remembered of events. Opens nothing by itself.
#[napi]
pub struct Inbox {
    handle: InboxHandle,
}

#[napi]
impl Inbox {
    /// Never throws: `error` tells what is wrong with it.
    #[napi(constructor, catch_unwind)]
    pub fn new(config_json: String) -> Self {
        Self { handle: InboxHandle::new(&config_json) }
    }

    /// The error as data, if there is one.
    #[napi(catch_unwind)]
    pub fn error(&self) -> Option<String> {
        self.handle.error()
    }

    /// What names it in the options of a call.
    #[napi(catch_unwind)]
    pub fn name(&self) -> String {
        self.handle.name()
    }

    /// Begins to answer a question.
    #[napi(catch_unwind)]
    pub fn submit(&self, question_json: String) -> Call {
        Call { handle: self.handle.submit(&question_json) }
    }
}

/// One call under way. Dropping it does not cancel it.
#[napi]
pub struct Call {
    handle: CallHandle,
}

#[napi]
impl Call {
    /// The answer or an event, if there is one by now. Waiting is what the event loop is for.
    #[napi(catch_unwind)]
    pub fn poll(&self) -> Option<String> {
        self.handle.wait(Duration::ZERO)
    }

    /// Rings `waker` with `number` once, when `poll` has something.
    #[napi(catch_unwind)]
    pub fn on_done(&self, waker: &Waker, number: u32) {
        self.handle.on_done(waker.ringer(number));
    }

    /// The bytes that belong to the answer, once.
    #[napi(catch_unwind)]
    pub fn bytes(&self) -> Option<Buffer> {
        self.handle.bytes().map(|bytes| Buffer::from(Vec::from(bytes)))
    }

    /// Answers the event that `poll` returned.
    #[napi(catch_unwind)]
    pub fn answer(&self, answer_json: String) {
        self.handle.answer(&answer_json);
    }

    /// Asks the call to end soon; how it ended comes out of `poll`.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.handle.cancel();
    }
}

/// Many messages under way, a window of them at a time.
#[napi]
pub struct Bulk {
    handle: BulkHandle,
}

#[napi]
impl Bulk {
    /// Appends messages; answers with how many more are welcome now.
    #[napi(catch_unwind)]
    pub fn push(&self, items_json: String) -> String {
        self.handle.push(&items_json)
    }

    /// Says that no more messages will come.
    #[napi(catch_unwind)]
    pub fn finish(&self) {
        self.handle.finish();
    }

    /// Starts no further message; those in flight are still told.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.handle.cancel();
    }

    /// The results since the last `poll` or an event, if there is something by now.
    #[napi(catch_unwind)]
    pub fn poll(&self) -> Option<String> {
        self.handle.next(Duration::ZERO)
    }

    /// Rings `waker` with `number` once, when `poll` has something.
    #[napi(catch_unwind)]
    pub fn on_ready(&self, waker: &Waker, number: u32) {
        self.handle.on_ready(waker.ringer(number));
    }

    /// Answers the event that `poll` returned.
    #[napi(catch_unwind)]
    pub fn answer(&self, answer_json: String) {
        self.handle.answer(&answer_json);
    }
}

/// The request body that a message would go out with, without sending anything.
#[napi(catch_unwind)]
pub fn payload(operation: String, params_json: String) -> String {
    wacloud_bindings::payload(&operation, &params_json)
}

/// Keeps a file or bytes for messages, under a name.
#[napi(catch_unwind)]
pub fn hold(description_json: String, data: Option<&[u8]>) -> String {
    wacloud_bindings::hold(&description_json, data.map(<[u8]>::to_vec))
}

/// Forgets what stands under the name.
#[napi(catch_unwind)]
pub fn let_go(name: String) {
    wacloud_bindings::let_go(&name);
}

/// What a webhook function of the core makes of a request's body.
#[napi(catch_unwind)]
pub fn webhook(function: String, arguments_json: String, body: &[u8]) -> String {
    wacloud_bindings::webhook(&function, &arguments_json, body)
}

/// The version of the native module.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    wacloud_bindings::version()
}
