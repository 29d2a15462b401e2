//! WhatsApp's Cloud API on your own machine: strict where Meta is strict, deterministic, with faults on demand.
//!
//! It is written from Meta's documents and from recorded answers of the real API, and knows nothing of the `wacloud` client, so
//! that it can contradict it. `wacloud sandbox` runs it by itself; a Rust test starts one in its own process:
//!
//! ```
//! use wacloud_sandbox::{Fault, Sandbox, Settings};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), wacloud_sandbox::Error> {
//! let sandbox = Sandbox::start(Settings { seed: Some(1), ..Settings::default() }).await?;
//! sandbox.add_fault(Fault::graph_error(130429).times(2))?;
//! // A client now sends to sandbox.url() with sandbox.phone_number_id() and sandbox.token().
//! assert!(sandbox.ledger().is_empty());
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What it does
//!
//! - `POST /{version}/{phone-number-id}/messages`, and `/marketing_messages`: every kind of message that Meta documents, marking as
//!   read, the typing indicator. What is wrong is refused with Graph's error object; `error_data.details` names the field as in
//!   `interactive.action.buttons[0].reply.title`.
//! - Both limits: throughput in any window of one second (130429) and the pair rate (131056).
//! - Tokens, unknown ids, methods and versions, with the status, body and headers of recorded answers.
//! - Faults: see [`FaultKind`]. The first that matches wins, also over every check.
//! - `GET /`: an inbox for the browser, with what was refused and why.
//!
//! # The control API
//!
//! JSON under `/_sandbox/`, without a token. Requests whose `Host` is neither an IP address, nor `localhost`, nor one of
//! [`Settings::allowed_hosts`], or that carry a foreign `Origin`, are refused: no web page can drive the sandbox.
//!
//! | request | does |
//! | --- | --- |
//! | `GET /_sandbox/state` | settings, phone numbers, [`Counters`] |
//! | `GET /_sandbox/messages?to=&tracker=&type=&after=&limit=` | the ledger: every accepted message |
//! | `GET /_sandbox/requests?after=&refused=&limit=` | the last 100,000 requests, answered or not |
//! | `POST /_sandbox/reset` | forgets all but the settings; `{"settings":true}` resets them too |
//! | `GET`, `PUT /_sandbox/settings` | [`Settings`]; `PUT` changes what it names |
//! | `GET`, `POST`, `DELETE /_sandbox/faults` | pending [`Fault`]s; `POST` takes one or a list |
//! | `GET`, `POST /_sandbox/templates` | [`Template`]s; `POST` takes one or a list |
//!
//! # What it does not do
//!
//! - Nothing is delivered, and no status or message webhook is sent.
//! - No media, template management, profile or number endpoints, no encrypted messages. A media id in a message is not looked up,
//!   a link is not fetched.
//! - No service window, messaging limits, quality rating, spam limits or pricing; a fault plays their errors.
//! - Incoming messages do not count against the throughput, because there are none.
//! - Where recordings show Meta laxer than its documents (a number as `to`, `TEXT` as a parameter type, `recipient_type` when marking
//!   as read) it keeps to the documents. The one exception is a number without `+` that begins with the business's own country
//!   code: recorded answers leave it alone, and so does this.
//! - The usage headers are constants.
//! - HTTP/1.1 without TLS only.

mod api;
mod clock;
mod control;
mod customer;
mod damage;
mod error;
mod fault;
mod graph;
mod ledger;
mod limits;
mod page;
mod recipient;
mod rules;
mod sandbox;
mod server;
mod settings;
mod state;
mod template;
mod webhook;

pub use customer::Written;
pub use error::Error;
pub use fault::{Fault, FaultKind};
pub use ledger::{
    AcceptedMessage, Counters, HeaderLines, Json, LoggedRequest, MessageFilter, MessageStatus, Refusal, RequestFilter,
};
pub use sandbox::Sandbox;
pub use settings::{DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN, PhoneNumber, Settings};
pub use template::{Template, TemplateButton, TemplateCard, TemplateHeader, TemplateOffer};
pub use webhook::{Attempt, DEFAULT_APP_SECRET, DEFAULT_VERIFY_TOKEN, Delivery, DeliveryState, Webhook, WebhookFilter};
