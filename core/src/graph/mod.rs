//! The wire: what a request to the Graph API looks like and what its answers mean. Pure.

pub mod codes;
mod endpoint;
mod error;
mod number;
mod object;
mod request;
mod response;
pub(crate) mod usage;

pub use endpoint::{Endpoint, InputToken, Method, Object, SessionId};
pub use error::GraphError;
pub use number::{PhoneNumber, Throughput};
pub use object::{Extra, Page};
pub use request::Payload;
pub(crate) use request::Uploaded;
pub(crate) use response::Acceptance;
