//! `send_buttons`.

use serde::Deserialize;

use super::MessageOperation;
use crate::message::interactive::{Footer, Header, HeaderKind};
use crate::message::{Content, Interactive, Invalid, Message, Recipient, ReplyButton, Tracker};

/// Sends a text with one to three reply buttons. A tap on one comes back as a webhook with its id.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendButtons {
    /// Who it goes to: a phone number with `+` and country code, a business-scoped user id or a group.
    pub to: Recipient,
    /// The text: 1 to 1,024 characters.
    pub body: String,
    /// One to three buttons, each with an `id` (up to 256 characters) and a `title` (up to 20), all different.
    pub buttons: Vec<ReplyButton>,
    /// A line above the text: up to 60 characters.
    pub header: Option<String>,
    /// A line below the text: up to 60 characters.
    pub footer: Option<String>,
    /// The id (`wamid.…`) of the message that this one answers: it is shown quoted.
    pub reply_to: Option<String>,
    /// Text of up to 512 characters that every status webhook of this message carries back; made up unless given, left out
    /// when `false`.
    pub tracker: Option<Tracker>,
}

builder!(SendButtons {
    to: Recipient, body: String, buttons: Vec<ReplyButton>;
    header: String, footer: String, reply_to: String, tracker: Tracker,
});

impl MessageOperation for SendButtons {
    const NAME: &'static str = "send_buttons";
    const CONSTRUCTOR: &'static str = "buttons";
    const PATHS: &'static [(&'static str, &'static str)] = &[
        ("body", "interactive.body.text"),
        ("buttons", "interactive.action.buttons"),
        ("buttons[]", "interactive.action.buttons[].reply"),
        ("header", "interactive.header.text"),
        ("footer", "interactive.footer.text"),
    ];

    fn message(self) -> Result<Message, Invalid> {
        let mut interactive = Interactive::buttons(self.body, self.buttons);
        interactive.header = self.header.map(|text| Header { kind: HeaderKind::Text, text });
        interactive.footer = self.footer.map(|text| Footer { text });
        Ok(Message::new(self.to, Content::Interactive(interactive)).with(self.reply_to, self.tracker))
    }
}
