//! The native module of wacloud's PHP package: clients, calls and bulks as the runtime offers them, text in and text
//! out. It knows no operation; what the texts mean and which exceptions they become is the PHP side's business.
//!
//! Loading it starts nothing: the runtime starts with the first call, in each process that makes one. A done-callback is
//! the one thing of the runtime that is left out, because nothing in PHP could be called from another thread.

#![allow(clippy::needless_pass_by_value, reason = "PHP hands over owned strings and nothing else")]
#![allow(missing_docs, reason = "the functions that the macros add have no documentation")]

use std::time::Duration;

use ext_php_rs::binary::Binary;
use ext_php_rs::prelude::*;
use wacloud_bindings::{BulkHandle, CallHandle, ClientHandle, InboxHandle};

/// A client: settings and token; cheap, and connected to nothing until the first call.
#[php_class]
#[php(name = "WaCloud\\Native\\Client")]
#[php(flags = ext_php_rs::flags::ClassFlags::Final)]
pub struct Client {
    handle: ClientHandle,
}

#[php_impl]
impl Client {
    /// Never throws: `error` tells what is wrong with the settings.
    pub fn __construct(config_json: String) -> Self {
        Self { handle: ClientHandle::new(&config_json) }
    }

    /// The ConfigError as data, if the settings have one.
    pub fn error(&self) -> Option<String> {
        self.handle.error()
    }

    /// Begins a call.
    pub fn submit(&self, operation: String, params_json: String, options_json: String) -> Call {
        Call { handle: self.handle.submit(&operation, &params_json, &options_json) }
    }

    /// Answers a local question: what needs neither a request nor waiting.
    pub fn look(&self, what_json: String) -> String {
        self.handle.look(&what_json)
    }

    /// Begins a bulk, empty so far.
    pub fn bulk(&self, options_json: String) -> Bulk {
        Bulk { handle: self.handle.bulk(&options_json) }
    }
}

/// What is remembered of events. Opens nothing by itself.
#[php_class]
#[php(name = "WaCloud\\Native\\Inbox")]
#[php(flags = ext_php_rs::flags::ClassFlags::Final)]
pub struct Inbox {
    handle: InboxHandle,
}

#[php_impl]
impl Inbox {
    /// Never throws: `error` tells what is wrong with it.
    pub fn __construct(config_json: String) -> Self {
        Self { handle: InboxHandle::new(&config_json) }
    }

    /// The error as data, if there is one.
    pub fn error(&self) -> Option<String> {
        self.handle.error()
    }

    /// What names it in the options of a call.
    pub fn name(&self) -> String {
        self.handle.name()
    }

    /// Begins to answer a question.
    pub fn submit(&self, question_json: String) -> Call {
        Call { handle: self.handle.submit(&question_json) }
    }
}

/// One call under way. Dropping it does not cancel it.
#[php_class]
#[php(name = "WaCloud\\Native\\Call")]
#[php(flags = ext_php_rs::flags::ClassFlags::Final)]
pub struct Call {
    handle: CallHandle,
}

#[php_impl]
impl Call {
    /// The answer or an event, as soon as there is one; null after that many seconds without.
    pub fn wait(&self, seconds: f64) -> Option<String> {
        self.handle.wait(duration(seconds))
    }

    /// The bytes that belong to the answer, once.
    pub fn bytes(&self) -> Option<Binary<u8>> {
        self.handle.bytes().map(|bytes| Binary::from(Vec::from(bytes)))
    }

    /// Answers the event that `wait` returned.
    pub fn answer(&self, answer_json: String) {
        self.handle.answer(&answer_json);
    }

    /// Asks the call to end soon; how it ended comes out of `wait`.
    pub fn cancel(&self) {
        self.handle.cancel();
    }
}

/// Many messages under way, a window of them at a time.
#[php_class]
#[php(name = "WaCloud\\Native\\Bulk")]
#[php(flags = ext_php_rs::flags::ClassFlags::Final)]
pub struct Bulk {
    handle: BulkHandle,
}

#[php_impl]
impl Bulk {
    /// Appends messages; answers with how many more are welcome now.
    pub fn push(&self, items_json: String) -> String {
        self.handle.push(&items_json)
    }

    /// Says that no more messages will come.
    pub fn finish(&self) {
        self.handle.finish();
    }

    /// Starts no further message, and the second time cancels those in flight; they are still told.
    pub fn cancel(&self) {
        self.handle.cancel();
    }

    /// Results or an event, as soon as there are some; null after that many seconds without.
    pub fn next(&self, seconds: f64) -> Option<String> {
        self.handle.next(duration(seconds))
    }

    /// Answers the event that `next` returned.
    pub fn answer(&self, answer_json: String) {
        self.handle.answer(&answer_json);
    }
}

/// The request body that a message would go out with, without sending anything.
#[php_function]
#[php(name = "WaCloud\\Native\\payload")]
pub fn payload(operation: String, params_json: String) -> String {
    wacloud_bindings::payload(&operation, &params_json)
}

/// Keeps a file or bytes for messages, under a name.
#[php_function]
#[php(name = "WaCloud\\Native\\hold")]
pub fn hold(description_json: String, data: Option<Binary<u8>>) -> String {
    wacloud_bindings::hold(&description_json, data.map(Vec::from))
}

/// Forgets what stands under the name.
#[php_function]
#[php(name = "WaCloud\\Native\\let_go")]
pub fn let_go(name: String) {
    wacloud_bindings::let_go(&name);
}

/// What a webhook function of the core makes of a request's body.
#[php_function]
#[php(name = "WaCloud\\Native\\webhook")]
pub fn webhook(function: String, arguments_json: String, body: Binary<u8>) -> String {
    wacloud_bindings::webhook(&function, &arguments_json, &body)
}

/// The version of the native module.
#[php_function]
#[php(name = "WaCloud\\Native\\version")]
pub fn version() -> &'static str {
    wacloud_bindings::version()
}

/// What is no duration (negative, not a number) is no time at all.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// What PHP registers when it loads the extension.
#[php_module]
pub fn module(module: ModuleBuilder<'_>) -> ModuleBuilder<'_> {
    module
        .name("wacloud")
        .class::<Client>()
        .class::<Inbox>()
        .class::<Call>()
        .class::<Bulk>()
        .function(wrap_function!(payload))
        .function(wrap_function!(hold))
        .function(wrap_function!(let_go))
        .function(wrap_function!(webhook))
        .function(wrap_function!(version))
}
