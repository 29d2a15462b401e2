//! What the Python, Node and PHP modules have in common, so that each of them is only a translation of types: the
//! runtime, calls and bulks that are waited for from outside of it, clients that a process keeps, and a fence around
//! everything that could panic.
//!
//! Everything crosses as JSON text. Text that answers a question is an *envelope*: `{"ok": …}`, `{"error": {…}}`, or
//! `{"event": {…}}`, which wants an answer before the call goes on. Where the host has asked for log events, any of them
//! may have `"log": […]` as well, and there are envelopes with nothing else. A [`BulkHandle`] tells `{"results": […], "room": n}`
//! (with `"stopped": true` and `"progress": {…}` where there is something to say) and `{"done": true}` as well. Nothing here raises, and nothing but `wait` and `next` blocks.
//!
//! # Threads
//!
//! The first call starts one runtime thread; loading the module and making clients start none. A host's function is
//! called from there only by `on_done` and `on_ready`; signals are blocked there, so that handlers run where the host
//! expects them.
//!
//! # Fork
//!
//! Everything that threads or connections hang on is bound to the process that made it (`process.rs`). A child builds
//! its own when it needs it, leaves what it inherited as it is, and answers at once what was begun before the fork.

mod bulk;
mod cache;
mod call;
mod client;
mod envelope;
mod feed;
mod fence;
mod gather;
mod generation;
mod inbox;
mod log;
mod look;
mod mailbox;
mod options;
mod process;
mod runtime;
#[cfg(test)]
mod tests;
mod token;
mod upload;

pub use bulk::BulkHandle;
pub use call::CallHandle;
pub use client::ClientHandle;
pub use inbox::InboxHandle;
pub use upload::{hold, let_go};

/// What a host gives to be told, once, that there is something to fetch. It may be called from the runtime's thread.
pub type Callback = Box<dyn FnOnce() + Send>;

/// The request body that an operation would send, as an envelope. Pure.
pub fn payload(operation: &str, params_json: &str) -> String {
    match fence::fenced(false, || wacloud::registry::payload(operation, params_json)) {
        Ok(Ok(body)) => envelope::ok(&body),
        Ok(Err(error)) | Err(error) => envelope::error(&error),
    }
}

/// A webhook function with its arguments and the body of the request, as an envelope. Pure.
pub fn webhook(function: &str, arguments_json: &str, body: &[u8]) -> String {
    match fence::fenced(false, || wacloud::webhook::answer(function, arguments_json, body)) {
        Ok(Ok(answer)) => envelope::ok_in_place(answer),
        Ok(Err(error)) | Err(error) => envelope::error(&error),
    }
}

/// Whether a delivery is Meta's: nothing if it is, else an envelope. Pure. The same as [`webhook`] says of `verify`, for
/// hosts in which text of the arguments takes longer to make than the signature.
pub fn verify<S: AsRef<[u8]>>(app_secrets: &[S], header: Option<&[u8]>, body: &[u8]) -> Option<String> {
    let header = header.map(String::from_utf8_lossy);
    match fence::fenced(false, || wacloud::webhook::verify(app_secrets, body, header.as_deref())) {
        Ok(Ok(())) => None,
        Ok(Err(error)) | Err(error) => Some(envelope::error(&error)),
    }
}

/// The version of wacloud.
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Ends the runtime without waiting for it, and what is under way with it: calls answer with an error that says that
/// their messages may have gone out. Not needed for a process to end; a later call starts a new runtime.
pub fn shutdown() {
    // What could not be ended ends with the process.
    let _ = fence::fenced(false, || process::PROCESS.shutdown());
}
