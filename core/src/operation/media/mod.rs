//! Files that Meta keeps: uploading, looking them up, fetching and deleting them.

mod delete;
mod download;
mod file;
mod get;
mod upload;
mod upload_handle;

pub use delete::Delete;
pub use download::{Download, DownloadedMedia};
pub use file::File;
pub use get::{Get, MediaInfo};
pub use upload::{Upload, UploadedMedia};
pub use upload_handle::{UploadHandle, UploadedFile};

use crate::message::violation::{Checker, Rule};

/// What the group is about.
pub const DOCS: &str = "Files that Meta keeps: uploading, looking them up, fetching and deleting them.";

/// An id stands in the path of a request.
fn check_id(media_id: &str, checker: &mut Checker) {
    if media_id.is_empty() {
        checker.refuse_at("media_id", Rule::Required, "must not be empty");
    } else if !media_id.bytes().all(|byte| byte.is_ascii_digit()) {
        checker.refuse_at("media_id", Rule::Format, "is not a media id, which is all digits");
    }
}
