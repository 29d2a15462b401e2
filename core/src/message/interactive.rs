//! Interactive messages: here, reply buttons.

use serde::{Deserialize, Serialize};

use super::content::Checked;
use super::limits;
use super::violation::{Checker, Rule};

/// Graph's `interactive` object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interactive {
    /// What kind of interaction it is.
    #[serde(rename = "type")]
    pub kind: InteractiveKind,
    /// A line above the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// The text of the message.
    pub body: Body,
    /// A line below the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer: Option<Footer>,
    /// What people can do.
    pub action: Action,
}

/// The kinds of interactive message that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InteractiveKind {
    /// Up to three reply buttons.
    Button,
}

/// A text header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Always `text` in this version.
    #[serde(rename = "type")]
    pub kind: HeaderKind,
    /// 1 to 60 characters.
    pub text: String,
}

/// The kinds of header that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderKind {
    /// A line of text.
    Text,
}

/// The body of an interactive message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 1,024 characters.
    pub text: String,
}

/// The footer of an interactive message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Footer {
    /// 1 to 60 characters.
    pub text: String,
}

/// What people can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// 1 to 3 buttons with different titles and ids.
    pub buttons: Vec<Button>,
}

/// A button as Graph has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// Always `reply`.
    #[serde(rename = "type")]
    pub kind: ButtonKind,
    /// What the button says and answers.
    pub reply: ReplyButton,
}

/// The kinds of button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonKind {
    /// Answers with its id.
    Reply,
}

/// A reply button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplyButton {
    /// What comes back in the webhook when it is tapped: 1 to 256 characters, no spaces at its ends.
    pub id: String,
    /// What the button says: 1 to 20 characters, different from the other buttons'.
    pub title: String,
}

impl ReplyButton {
    /// A button that says `title` and answers with `id`.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        ReplyButton { id: id.into(), title: title.into() }
    }
}

impl Interactive {
    /// Text with reply buttons.
    pub fn buttons(body: impl Into<String>, buttons: impl IntoIterator<Item = ReplyButton>) -> Self {
        let buttons = buttons.into_iter().map(|reply| Button { kind: ButtonKind::Reply, reply }).collect();
        Interactive {
            kind: InteractiveKind::Button,
            header: None,
            body: Body { text: body.into() },
            footer: None,
            action: Action { buttons },
        }
    }
}

impl Checked for Interactive {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        if let Some(header) = &self.header {
            checker.member("header", |c| c.text("text", &header.text, 1, limits::HEADER_TEXT));
        }
        checker.member("body", |c| c.text("text", &self.body.text, 1, limits::INTERACTIVE_BODY));
        if let Some(footer) = &self.footer {
            checker.member("footer", |c| c.text("text", &footer.text, 1, limits::FOOTER));
        }
        checker.member("action", |c| self.action.check(c));
    }
}

impl Action {
    fn check(&self, checker: &mut Checker) {
        checker.count("buttons", self.buttons.len(), 1, limits::REPLY_BUTTONS);
        let mut index = 0;
        checker.items("buttons", &self.buttons, |checker, button| {
            let before = &self.buttons[..index];
            index += 1;
            checker.member("reply", |checker| {
                let reply = &button.reply;
                checker.text("id", &reply.id, 1, limits::BUTTON_ID);
                if reply.id.trim() != reply.id {
                    checker.refuse_at("id", Rule::Format, "must not begin or end with a space");
                }
                checker.text("title", &reply.title, 1, limits::BUTTON_TITLE);
                // An empty one has been told already.
                if !reply.id.is_empty() && before.iter().any(|other| other.reply.id == reply.id) {
                    checker.refuse_at("id", Rule::Unique, "is the id of another button too");
                }
                if !reply.title.is_empty() && before.iter().any(|other| other.reply.title == reply.title) {
                    checker.refuse_at("title", Rule::Unique, "is the title of another button too");
                }
            });
        });
    }
}
