//! `send_image`.

use serde::Deserialize;

use super::MessageOperation;
use crate::message::{Content, Invalid, Media, MediaObject, Message, Recipient, Tracker};

/// Sends a picture: JPEG or PNG, up to 5 MB.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendImage {
    /// Who it goes to: a phone number with `+` and country code, a business-scoped user id or a group.
    pub to: Recipient,
    /// The picture: an `https://` link that Meta fetches, or the id of an upload.
    pub image: Media,
    /// A text below it: up to 1,024 characters.
    pub caption: Option<String>,
    /// The id (`wamid.…`) of the message that this one answers: it is shown quoted.
    pub reply_to: Option<String>,
    /// Text of up to 512 characters that every status webhook of this message carries back; made up unless given, left out
    /// when `false`.
    pub tracker: Option<Tracker>,
}

builder!(SendImage { to: Recipient, image: Media; caption: String, reply_to: String, tracker: Tracker });

impl MessageOperation for SendImage {
    const NAME: &'static str = "send_image";
    const CONSTRUCTOR: &'static str = "image";
    const PATHS: &'static [(&'static str, &'static str)] = &[("caption", "image.caption")];

    fn message(self) -> Result<Message, Invalid> {
        let image = MediaObject::new(self.image).caption(self.caption);
        Ok(Message::new(self.to, Content::Image(image)).with(self.reply_to, self.tracker))
    }
}
