//! `media.upload`.

use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::File;
use crate::client::upload;
use crate::client::{Answered, Client, Context, Operation, Request};
use crate::error::Result;
use crate::graph::Extra;
use crate::message::read::kind_of;
use crate::message::violation::{Checker, Rule};
use crate::message::{self, Invalid, limits};
use crate::outcome::Effect;

/// Uploads a file, for messages that are sent with its id: it lives for 30 days.
///
/// Type and size are checked before a byte leaves: pictures (JPEG, PNG) up to 5 MB, films (MP4, 3GP) and sounds (AAC, AMR, MP3,
/// M4A, OGG with Opus) up to 16 MB, documents (PDF, text, Word, Excel, PowerPoint) up to 100 MB, stickers (WebP of 512 by 512
/// pixels) up to 100 KB, moving ones up to 500 KB. The file is read while it is sent: it is never in memory as a whole. It has a
/// second more time for each 128 KB, and is repeated after a lost connection.
///
/// To send a file there is no need for this: a message with `Media.file` uploads it, and once only.
///
/// Source: Meta's page "Media", upload.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// let uploaded = wa.upload_media("invoice.pdf").await?;
/// wa.send_document("+15550001234", wacloud::Media::id(uploaded.id)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// The path of a file as text, what `Media.file` or `Media.bytes` makes, bytes where the language has a type for them (text
    /// is always a path), or a stream, which is read into a temporary file first.
    pub file: File,
    /// The name that it goes under: up to 240 characters. The file's own unless given.
    pub filename: Option<String>,
    /// Its MIME type, as `application/pdf`, where content and name do not tell it. One that the content contradicts is
    /// refused.
    pub mime_type: Option<String>,
    /// Is told how far the upload is, with an `UploadProgress`, by whoever waits for the call. Rust programs give a function to
    /// `Client::with_upload_progress` instead.
    #[serde(default, deserialize_with = "is_told")]
    #[cfg_attr(feature = "manifest", schemars(extend("x-callback" = "UploadProgress")))]
    pub progress: Option<bool>,
}

/// The file with what was said about it.
pub(super) fn named(
    file: File,
    filename: Option<String>,
    mime_type: Option<String>,
) -> std::result::Result<Arc<message::Upload>, Invalid> {
    let mut checker = Checker::default();
    checker.optional_text("filename", filename.as_ref(), 1, limits::FILENAME);
    if mime_type.as_ref().is_some_and(|mime_type| !mime_type.contains('/') || mime_type.contains(char::is_control)) {
        checker.refuse_at("mime_type", Rule::Format, "is not a MIME type, such as application/pdf");
    }
    let mut upload = match file.0 {
        Ok(upload) => Arc::unwrap_or_clone(upload),
        Err(why) => {
            checker.refuse_at("file", Rule::Type, why);
            message::Upload::bytes("")
        }
    };
    checker.into_result()?;
    upload.filename = filename.or(upload.filename);
    upload.mime_type = mime_type.or(upload.mime_type);
    Ok(Arc::new(upload))
}

/// Whether somebody wants to be told: languages take the function out, and say only that there is one.
pub(super) fn is_told<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<bool>, D::Error> {
    match Option::<Value>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Value::Bool(is_told)) => Ok(Some(is_told)),
        Some(other) => Err(D::Error::custom(format!("must be a function, got {}", kind_of(&other)))),
    }
}

/// A file that Meta has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct UploadedMedia {
    /// What messages name it by.
    #[serde(deserialize_with = "upload::text_or_number")]
    pub id: String,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

builder!(Upload { file: File; filename: String, mime_type: String, progress: bool });

impl Client {
    /// [`Upload`] of a file under its own name: a path, or bytes.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn upload_media(&self, file: impl Into<File>) -> Result<UploadedMedia> {
        self.call(Upload::new(file)).await
    }
}

impl Operation for Upload {
    const NAME: &'static str = "media.upload";
    // A repetition wastes an id, and does nothing else.
    const EFFECT: Effect = Effect::Idempotent;
    const EXAMPLE: &'static str = r#"{"file": "invoice.pdf"}"#;
    type Output = UploadedMedia;

    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let upload = named(self.file, self.filename, self.mime_type)?;
        Ok(upload::request(cx.phone_number_id, upload, None))
    }

    fn answer(answered: &Answered<'_>) -> Option<UploadedMedia> {
        serde_json::from_slice(answered.body).ok().filter(|uploaded: &UploadedMedia| !uploaded.id.is_empty())
    }
}
