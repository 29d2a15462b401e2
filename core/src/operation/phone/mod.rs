//! The number: what Meta says of it, and what it takes to send from it.

mod get;

pub use get::Get;

/// What the group is about, for the documentation of every language.
pub(super) const DOCS: &str =
    "The number that messages are sent from: what Meta says of it, and what it takes to send from it.";
