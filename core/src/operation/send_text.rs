//! `send_text`.

use serde::Deserialize;

use super::MessageOperation;
use crate::message::{Content, Invalid, Message, Recipient, Text, Tracker};

/// Sends a text.
///
/// Outside the customer service window (24 hours after the person last wrote; 72 after a click on an ad) Meta refuses
/// texts: send a template instead.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendText {
    /// Who it goes to: a phone number with `+` and country code, a business-scoped user id or a group.
    pub to: Recipient,
    /// The text: 1 to 4,096 characters.
    pub body: String,
    /// Whether the first `http(s)` link in the text is shown with a preview. No unless given.
    pub preview_url: Option<bool>,
    /// The id (`wamid.…`) of the message that this one answers: it is shown quoted.
    pub reply_to: Option<String>,
    /// Text of up to 512 characters that every status webhook of this message carries back; made up unless given, left out
    /// when `false`.
    pub tracker: Option<Tracker>,
}

builder!(SendText { to: Recipient, body: String; preview_url: bool, reply_to: String, tracker: Tracker });

impl MessageOperation for SendText {
    const NAME: &'static str = "send_text";
    const CONSTRUCTOR: &'static str = "text";
    const PATHS: &'static [(&'static str, &'static str)] =
        &[("body", "text.body"), ("preview_url", "text.preview_url")];

    fn message(self) -> Result<Message, Invalid> {
        let content = Content::Text(Text { body: self.body, preview_url: self.preview_url });
        Ok(Message::new(self.to, content).with(self.reply_to, self.tracker))
    }
}
