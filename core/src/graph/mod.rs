//! The wire: what a request to the Graph API looks like and what its answers mean. Pure.

pub mod codes;
mod endpoint;
mod error;
mod request;
mod response;
pub(crate) mod usage;

pub use endpoint::{Endpoint, InputToken, Method};
pub use error::GraphError;
pub use request::Payload;
pub(crate) use request::Uploaded;
pub(crate) use response::MessageAnswer;
