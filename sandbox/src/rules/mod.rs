//! Meta's rules for a request body, as tables, and the small engine that walks them.
//!
//! A table says which members an object may have, which it must have, and what each looks like. Whatever no table names is
//! refused. One violation is reported, the first, as Meta does.

mod address;
mod carousel;
mod commerce;
mod contacts;
mod interactive;
mod message;
mod order;
mod shape;
mod template;
mod template_button;

pub(crate) use message::{Body, check_marketing, check_messages};
pub(crate) use shape::Violation;

#[cfg(test)]
mod tests;
