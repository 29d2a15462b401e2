//! The people on the other end: who they are, when they wrote, what they write.

mod content;
mod incoming;
mod people;

pub use incoming::Written;
pub(crate) use incoming::write;
pub(crate) use people::{People, Person, Price, Window};
