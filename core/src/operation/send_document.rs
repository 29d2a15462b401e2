//! `send_document`.

use serde::Deserialize;

use super::MessageOperation;
use crate::message::{Content, Invalid, Media, MediaObject, Message, Recipient, Tracker};

/// Sends a file: PDF, text, Word, Excel or PowerPoint, up to 100 MB.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendDocument {
    /// Who it goes to: a phone number with `+` and country code, a business-scoped user id or a group.
    pub to: Recipient,
    /// The file: an `https://` link that Meta fetches, or the id of an upload.
    pub document: Media,
    /// The name that people see and save it under: up to 240 characters. Its ending decides which program opens it.
    pub filename: Option<String>,
    /// A text below it: up to 1,024 characters.
    pub caption: Option<String>,
    /// The id (`wamid.…`) of the message that this one answers: it is shown quoted.
    pub reply_to: Option<String>,
    /// Text of up to 512 characters that every status webhook of this message carries back; made up unless given, left out
    /// when `false`.
    pub tracker: Option<Tracker>,
}

builder!(SendDocument {
    to: Recipient, document: Media;
    filename: String, caption: String, reply_to: String, tracker: Tracker,
});

impl MessageOperation for SendDocument {
    const NAME: &'static str = "send_document";
    const CONSTRUCTOR: &'static str = "document";
    const PATHS: &'static [(&'static str, &'static str)] =
        &[("caption", "document.caption"), ("filename", "document.filename")];

    fn message(self) -> Result<Message, Invalid> {
        let document = MediaObject::new(self.document).caption(self.caption).filename(self.filename);
        Ok(Message::new(self.to, Content::Document(document)).with(self.reply_to, self.tracker))
    }
}
