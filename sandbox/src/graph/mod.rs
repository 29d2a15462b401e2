//! How Graph answers: errors, headers, versions and ids.

mod answer;
mod error;
mod ids;
mod version;

pub(crate) use answer::{Answer, Usage, header_set};
pub(crate) use error::GraphError;
pub(crate) use ids::Ids;
pub(crate) use version::{Route, route};
