//! What is sent: messages, recipients, media, and every documented limit. Pure: nothing here reads, waits or sends.
//!
//! Building never fails. [`Message::check`] tells every mistake at once, each with its path in Graph's request body.

mod content;
pub mod interactive;
pub mod limits;
mod location;
mod media;
pub(crate) mod read;
mod recipient;
pub mod template;
mod text;
pub(crate) mod violation;

pub use content::Content;
pub(crate) use content::each_content;
pub use interactive::{Interactive, ReplyButton};
pub use location::Location;
pub use media::{Media, MediaObject};
pub(crate) use recipient::Address;
pub use recipient::Recipient;
pub use template::{Template, Variables};
pub use text::Text;
pub use violation::{Invalid, Violation};

use serde::{Deserialize, Deserializer};
use violation::Checker;

/// One message to one recipient.
///
/// ```
/// use wacloud::Message;
///
/// let message = Message::text("+15550001234", "Hello").reply_to("wamid.HBgLMTU1NQ==");
/// assert!(message.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Who it goes to.
    pub to: Recipient,
    /// What it says.
    pub content: Content,
    /// The id (wamid) of the message that this one answers; it is shown quoted.
    pub reply_to: Option<String>,
    /// What comes back in every status webhook of this message.
    pub tracker: Tracker,
    /// Whether the body says `recipient_type: individual` although it need not.
    pub(crate) says_individual: bool,
}

/// What comes back in every status webhook of a message (Graph's `biz_opaque_callback_data`), so that one whose answer was
/// lost can still be settled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Tracker {
    /// Made up when the message is sent.
    #[default]
    Auto,
    /// Left out. A lost answer can then never be settled.
    Off,
    /// Up to 512 characters of your own.
    Given(String),
}

impl Message {
    /// A message of any content.
    pub fn new(to: impl Into<Recipient>, content: Content) -> Self {
        Message { to: to.into(), content, reply_to: None, tracker: Tracker::Auto, says_individual: false }
    }

    /// A text of 1 to 4,096 characters.
    pub fn text(to: impl Into<Recipient>, body: impl Into<String>) -> Self {
        Message::new(to, Content::Text(Text { body: body.into(), preview_url: None }))
    }

    /// A picture, from a link or an upload's id.
    pub fn image(to: impl Into<Recipient>, image: impl Into<Media>) -> Self {
        Message::new(to, Content::Image(MediaObject::new(image)))
    }

    /// A file, from a link or an upload's id.
    pub fn document(to: impl Into<Recipient>, document: impl Into<Media>) -> Self {
        Message::new(to, Content::Document(MediaObject::new(document)))
    }

    /// A text with one to three reply buttons.
    pub fn buttons(
        to: impl Into<Recipient>,
        body: impl Into<String>,
        buttons: impl IntoIterator<Item = ReplyButton>,
    ) -> Self {
        Message::new(to, Content::Interactive(Interactive::buttons(body, buttons)))
    }

    /// An approved template without values.
    pub fn template(to: impl Into<Recipient>, name: impl Into<String>, language: impl Into<String>) -> Self {
        Message::new(to, Content::Template(Template::new(name, language)))
    }

    /// Answers a message: it is shown quoted above this one.
    #[must_use]
    pub fn reply_to(mut self, wamid: impl Into<String>) -> Self {
        self.reply_to = Some(wamid.into());
        self
    }

    /// Sets what comes back in the status webhooks.
    #[must_use]
    pub fn tracker(mut self, tracker: Tracker) -> Self {
        self.tracker = tracker;
        self
    }

    /// The options that every message has, as calls give them.
    pub(crate) fn with(mut self, reply_to: Option<String>, tracker: Option<Tracker>) -> Self {
        self.reply_to = reply_to;
        self.tracker = tracker.unwrap_or_default();
        self
    }

    /// Every mistake in this message, each with its path in Graph's body.
    ///
    /// # Errors
    /// [`Invalid`] with at least one violation.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut checker = Checker::default();
        self.to.check(&mut checker);
        if let Some(wamid) = &self.reply_to {
            checker.member("context", |c| c.text("message_id", wamid, 1, usize::MAX));
        }
        if let Tracker::Given(tracker) = &self.tracker {
            checker.text("biz_opaque_callback_data", tracker, 1, limits::TRACKER);
        }
        self.content.check(&mut checker);
        checker.into_result()
    }
}

impl From<&str> for Tracker {
    fn from(text: &str) -> Self {
        Tracker::Given(text.to_owned())
    }
}

impl From<String> for Tracker {
    fn from(text: String) -> Self {
        Tracker::Given(text)
    }
}

impl<'de> Deserialize<'de> for Tracker {
    /// Text, or `false` to leave it out.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Tracker::Given(text)),
            serde_json::Value::Bool(false) => Ok(Tracker::Off),
            serde_json::Value::Bool(true) | serde_json::Value::Null => Ok(Tracker::Auto),
            other => Err(serde::de::Error::custom(format!(
                "must be text, or false to leave it out, got {}",
                read::kind_of(&other)
            ))),
        }
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for Tracker {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Tracker".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Text of up to 512 characters that every status webhook of the message carries back, or `false` to send none.",
            "anyOf": [{"type": "string"}, {"const": false}],
        })
    }
}
