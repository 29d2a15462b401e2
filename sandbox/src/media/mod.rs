//! Files: uploaded by the business or sent by customers, kept, looked up, fetched and deleted. From Meta's page "Media" and
//! recorded answers. Those of the resumable upload come in sessions, and get a handle.

mod calls;
mod form;
mod rules;
mod sample;
mod session;
mod store;

pub(crate) use calls::{delete, fetch, fetch_own, is_address, list, look_up, upload};
pub(crate) use form::{boundary, summary};
pub(crate) use rules::check_message;
pub(crate) use sample::receive;
pub(crate) use session::{Sessions, is_session, resumable, summary_of_bare};
pub(crate) use store::MediaStore;

/// Bytes beyond this are refused while they arrive: 100 MB and the rest of the form.
pub(crate) const FORM_BYTES: usize = (100 << 20) + (1 << 20);
