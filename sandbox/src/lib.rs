//! WhatsApp's Cloud API on your own machine.

mod api;
mod control;
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

pub use error::Error;
pub use fault::{Fault, FaultKind};
pub use ledger::{
    AcceptedMessage, Counters, HeaderLines, Json, LoggedRequest, MessageFilter, Refusal,
    RequestFilter,
};
pub use sandbox::Sandbox;
pub use settings::{DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN, PhoneNumber, Settings};
pub use template::{Template, TemplateButton, TemplateHeader};
