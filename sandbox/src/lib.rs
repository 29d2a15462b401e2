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
//! - Templates: `/{business-account-id}/message_templates` (list in pages, create, delete) and `/{template-id}` (get, edit). A new
//!   one is `PENDING` until [`Settings::template_review_ms`] is over or somebody decides; `message_template_status_update`
//!   follows. Messages are held to the template that was approved.
//! - Media: upload, look up, fetch and delete; a message with an id that is not there is refused. The number, its profile, block
//!   list, QR codes, commands and settings, and the account, with what was changed of them.
//! - Webhooks, see [`Webhook`]: the handshake, signed POSTs with the statuses of accepted messages and with what customers
//!   write ([`Sandbox::write_as_customer`]), repeated until they are answered with 200; on request batched, repeated, out of order.
//! - The service window of 24 hours, if [`Settings::window`] is on (131047), on a clock that can be moved.
//! - `GET /`: an inbox for the browser, with what was refused and why; a person can write there as the customer.
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
//! | `POST /_sandbox/templates/status` | decides about a template as Meta would: `{"name": …, "language": …, "status": "APPROVED"}` |
//! | `GET`, `PUT`, `DELETE /_sandbox/webhook` | [`Webhook`]; `PUT` changes what it names, after the handshake if that is `url` or `verify_token` |
//! | `GET`, `POST /_sandbox/customer` | what customers wrote ([`Written`]); `POST` writes one or a list |
//! | `GET`, `POST /_sandbox/webhooks` | [`Delivery`]s; `POST` signs and sends its body, byte for byte |
//! | `POST /_sandbox/webhooks/flush` | sends what waits and waits until all is taken, up to `timeout_ms`; tells how much is `pending` |
//! | `GET`, `POST /_sandbox/clock` | the time; `{"advance_ms":…}` moves it forward |
//!
//! # What it does not do
//!
//! - Nothing is delivered. Webhooks are those of the field `messages` and of templates; others are posted as payloads of the caller's.
//! - No registering of new numbers, no encrypted messages. The link of a media message is not fetched, and a handle may be any text.
//! - No messaging limits, quality rating or spam limits; a fault plays their errors.
//! - A group has the same two members always, and no window.
//! - Where recordings show Meta laxer than its documents (a number as `to`, `TEXT` as a parameter type, `recipient_type` when marking
//!   as read) it keeps to the documents. The one exception is a number without `+` that begins with the business's own country
//!   code: recorded answers leave it alone, and so does this.
//! - The usage headers are constants.
//! - HTTP/1.1 without TLS only, also to the webhook.

mod api;
mod business;
mod clock;
mod control;
mod customer;
mod damage;
mod error;
mod facts;
mod fault;
mod graph;
mod ledger;
mod limits;
mod media;
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
pub use facts::TokenFacts;
pub use fault::{Fault, FaultKind};
pub use ledger::{
    AcceptedMessage, Counters, HeaderLines, Json, LoggedRequest, MessageFilter, MessageStatus, Refusal, RequestFilter,
};
pub use sandbox::Sandbox;
pub use settings::{DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN, PhoneNumber, Settings};
pub use template::{Template, TemplateButton, TemplateCard, TemplateHeader, TemplateOffer};
pub use webhook::{Attempt, DEFAULT_APP_SECRET, DEFAULT_VERIFY_TOKEN, Delivery, DeliveryState, Webhook, WebhookFilter};
