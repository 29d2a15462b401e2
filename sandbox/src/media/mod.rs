//! Files: uploaded by the business or sent by customers, kept, looked up, fetched and deleted. From Meta's page "Media" and
//! recorded answers.

mod calls;
mod form;
mod rules;
mod sample;
mod store;

pub(crate) use calls::{delete, fetch, fetch_own, is_address, list, look_up, upload};
pub(crate) use form::{boundary, summary};
pub(crate) use rules::check_message;
pub(crate) use sample::receive;
pub(crate) use store::MediaStore;

/// Bytes beyond this are refused while they arrive: 100 MB and the rest of the form.
pub(crate) const FORM_BYTES: usize = (100 << 20) + (1 << 20);
