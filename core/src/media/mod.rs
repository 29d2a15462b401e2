//! What a file is and whether Meta would take it: by its first bytes, its name and its length, before any of it leaves.

mod file;
mod pixels;
mod sniff;

pub(crate) use file::{Checked, Problem, check, sha256};
