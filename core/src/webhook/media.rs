//! Files of messages.

use super::json::Node;
use super::read::Lenient as _;

details! {
    /// A file that came with a message.
    WebhookMedia {
        /// `image`, `video`, `audio`, `document`, `sticker`; more on Messenger and Instagram: `share`, `ig_reel`,
        /// `story_mention`, …
        r#type: Option<String> = "type",
        /// The id to download it by, for 30 days (WhatsApp).
        id: Option<String> = "id",
        /// Where it lies. On WhatsApp for five minutes and only with the access token; on Messenger and Instagram for anybody,
        /// until the link expires.
        url: Option<String> = "payload.url|url",
        /// `image/jpeg`, `audio/ogg; codecs=opus` (WhatsApp).
        mime_type: Option<String> = "mime_type",
        /// The SHA-256 of the file, in base64 (WhatsApp).
        sha256: Option<String> = "sha256",
        /// What was written below it.
        caption: Option<String> = "caption",
        /// The name of a document.
        filename: Option<String> = "filename",
        /// Whether an audio was recorded in the chat.
        voice: Option<bool> = "voice",
        /// Whether a sticker moves.
        animated: Option<bool> = "animated",
        /// What an attachment is called (Messenger, Instagram).
        title: Option<String> = "payload.title|title",
    }
}

/// The file that a WhatsApp message of this type holds. New types are known by their members.
pub(super) fn of_whatsapp(content: &Node<'_>, kind: &str) -> Option<WebhookMedia> {
    content.find("mime_type|sha256")?;
    let media = WebhookMedia::lenient(content)?;
    Some(WebhookMedia { r#type: Some(kind.to_owned()), ..media })
}
