//! `media.upload_handle`.

use serde::{Deserialize, Serialize};

use super::File;
use super::upload::{is_told, named};
use crate::client::send::How;
use crate::client::session;
use crate::client::{Answered, Client, Context, Operation, Request};
use crate::error::Result;
use crate::graph::Extra;
use crate::message::Invalid;
use crate::outcome::Effect;

/// Uploads a file for which Meta gives a handle: for the example of a template's header (`header_handle`) and for the picture
/// of the business profile (`profile_picture_handle`). Messages do not take handles, they take ids: `media.upload`.
///
/// PDF up to 100 MB, JPEG and PNG up to 5 MB, MP4 up to 16 MB; type and size are checked before a byte leaves, and the file is
/// read while it is sent, in a session of Meta's resumable upload. After a lost connection it is asked how much has arrived, and
/// only the rest goes up. It belongs to the app of the token, whose user must be an administrator or developer of that app.
///
/// Source: Meta's page "Upload a file" (Resumable Upload API), and `app/uploads` of the collection "WhatsApp Business Platform".
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// use wacloud::operation::profile;
///
/// let uploaded = wa.upload_handle("photo.png").await?;
/// wa.call(profile::Update::new().profile_picture_handle(uploaded.handle)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UploadHandle {
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

/// A file for which Meta has given a handle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct UploadedFile {
    /// What templates and the profile name it by. Goes out as it is, whatever is in it.
    #[serde(alias = "h")]
    pub handle: String,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

builder!(UploadHandle { file: File; filename: String, mime_type: String, progress: bool });

impl Client {
    /// [`UploadHandle`] of a file under its own name: a path, or bytes.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn upload_handle(&self, file: impl Into<File>) -> Result<UploadedFile> {
        self.call(UploadHandle::new(file)).await
    }
}

impl Operation for UploadHandle {
    const NAME: &'static str = "media.upload_handle";
    // A repetition wastes a session, and does nothing else.
    const EFFECT: Effect = Effect::Idempotent;
    const EXAMPLE: &'static str = r#"{"file": "photo.png"}"#;
    type Output = UploadedFile;

    /// The first of its requests, without the length, for which the file has to be looked at.
    fn request(self, _: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let upload = named(self.file, self.filename, self.mime_type)?;
        Ok(session::beginning(upload.name().as_deref(), upload.mime_type.as_deref(), None))
    }

    fn answer(answered: &Answered<'_>) -> Option<UploadedFile> {
        serde_json::from_slice(answered.body).ok().filter(|uploaded: &UploadedFile| !uploaded.handle.is_empty())
    }

    async fn perform(self, client: &Client, how: How) -> Result<UploadedFile> {
        let upload = named(self.file, self.filename, self.mime_type)
            .map_err(|invalid| client.refused(Self::NAME, Self::EFFECT, invalid))?;
        session::upload(client, &upload, &how, Self::answer).await
    }
}
