//! WhatsApp messages through Meta's Cloud API: never sent twice by accident, never lost, within the limits.
//!
//! ```no_run
//! # async fn example() -> wacloud::Result<()> {
//! let wa = wacloud::Client::from_env()?;
//! let sent = wa.send_text("+15550001234", "Hello").await?;
//! println!("{}", sent.id);
//! # Ok(())
//! # }
//! ```
//!
//! Every send ends in one of four outcomes: accepted (`Ok`), rejected ([`Error::Api`]), not sent ([`Error::NotSent`],
//! [`Error::Validation`], [`Error::Config`]) or unknown ([`Error::DeliveryUnknown`]). Only what was certainly not sent is
//! repeated.
//!
//! The rooms, from the ground up; each touches only those above it: [`message`] (what is sent), [`template`] (what a
//! template is, and whether a message fits it), [`graph`] (the wire),
//! [`webhook`] (what comes back), [`outcome`] (what became of it), `store` (where state is kept), `pace` (when it may go), [`client`] (the one way out),
//! [`operation`] (one struct per call), [`bulk`] (many at once), [`inbox`] (what joins receiving and
//! sending).

pub mod bulk;
pub mod client;
mod error;
pub mod graph;
pub mod inbox;
pub mod journal;
mod media;
pub mod message;
pub mod operation;
pub mod outcome;
mod pace;
mod store;
pub mod template;
pub mod webhook;

pub use client::{
    CallOptions, Client, ClientStats, Event, Level, Observer, Operation, Secret, SentMessage, Settings, Shared,
    TokenSource,
};
pub use client::{ProgressFn, UploadProgress};
pub use error::{ApiError, Attempted, DeliveryUnknown, Error, NotSent, NotSentReason, Result};
/// For the language packages: files that messages name in JSON.
#[doc(hidden)]
pub use media::{Pinned, hold};
pub use message::{
    Contact, Content, Heading, Invalid, Marketing, Media, Message, OrderDetails, OrderStatus, Recipient, ReplyButton,
    Tracker, Variables, Violation,
};
pub use operation::MessageOperation;
pub use operation::registry;
pub use pace::{PaceReport, Priority};
/// Cancels a call or a bulk: see [`registry::dispatch`].
pub use tokio_util::sync::CancellationToken as CancelToken;
pub use webhook::{WebhookChannel, WebhookEvent, WebhookKind};
