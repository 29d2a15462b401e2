//! What a file is and whether Meta would take it: by its first bytes, its name and its length, before any of it leaves.

mod file;
mod hashes;
mod pixels;
mod seen;
mod sniff;

pub(crate) use file::{Checked, Problem, check};
pub(crate) use hashes::Hashes;
pub(crate) use seen::{CHANGED, is_the_same, look_at_named, seen};
pub use seen::{Pinned, hold};
