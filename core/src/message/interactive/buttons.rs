//! Reply buttons.

use serde::{Deserialize, Serialize};

use super::super::tagged::words;
use super::{Action, Frame, FrameRules, Interactive};
use crate::message::limits;
use crate::message::violation::{Checker, Rule};

/// Up to three buttons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buttons {
    /// 1 to 3 buttons with different titles and ids.
    pub buttons: Vec<Button>,
}

/// A button as Graph has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// Always `reply`.
    #[serde(rename = "type")]
    pub kind: ReplyWord,
    /// What the button says and answers.
    pub reply: ReplyButton,
}

words! {
    /// The kind of a button that answers with its id.
    ReplyWord = "reply";
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

    /// Tells what is wrong with one that stands alone.
    pub(super) fn check(&self, checker: &mut Checker) {
        checker.text("id", &self.id, 1, limits::BUTTON_ID);
        if self.id.trim() != self.id {
            checker.refuse_at("id", Rule::Format, "must not begin or end with a space");
        }
        checker.text("title", &self.title, 1, limits::BUTTON_TITLE);
    }
}

impl Buttons {
    /// These buttons.
    pub fn new(buttons: impl IntoIterator<Item = ReplyButton>) -> Self {
        let button = |reply| Button { kind: ReplyWord::Is, reply };
        Buttons { buttons: buttons.into_iter().map(button).collect() }
    }
}

impl Interactive {
    /// Text with reply buttons.
    pub fn buttons(body: impl Into<String>, buttons: impl IntoIterator<Item = ReplyButton>) -> Self {
        Interactive::Buttons(Frame::new(body, Buttons::new(buttons)))
    }
}

impl Action for Buttons {
    const FRAME: FrameRules = FrameRules::ALL;

    fn check(&self, checker: &mut Checker) {
        checker.count("buttons", self.buttons.len(), 1, limits::REPLY_BUTTONS);
        checker.items("buttons", &self.buttons, |c, button| c.member("reply", |c| button.reply.check(c)));
        checker.all_differ("buttons", &self.buttons, &["reply", "id"], |button| &button.reply.id);
        checker.all_differ("buttons", &self.buttons, &["reply", "title"], |button| &button.reply.title);
    }
}
