//! The number: what Meta says of it, and what it takes to send from it.

mod get;
mod register;
mod update;

pub(super) use get::ALL;
pub use get::Get;
pub use register::{Backup, Deregister, Register, RequestCode, SetPin, VerifyCode};
pub use update::{CallbackOverride, GetSettings, PhoneSettings, Update, UpdateSettings};

/// What the group is about, for the documentation of every language.
pub(super) const DOCS: &str =
    "The number that messages are sent from: what Meta says of it, and what it takes to send from it.";
