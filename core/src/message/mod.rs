//! What is sent: messages, recipients, media, and every documented limit. Pure: nothing here reads, waits or sends.
//!
//! Building never fails. [`Message::check`] tells every mistake at once, each with its path in Graph's request body.

pub mod contacts;
mod content;
mod heading;
mod incoming;
pub mod interactive;
pub mod limits;
mod location;
mod media;
pub(crate) mod names;
pub(crate) mod near;
mod open;
mod options;
pub mod order;
mod reaction;
pub(crate) mod read;
mod recipient;
mod tagged;
pub mod template;
mod text;
mod upload;
pub(crate) mod violation;

pub use contacts::{Contact, Contacts};
pub use content::Content;
pub(crate) use content::each_content;
pub use heading::Heading;
pub(crate) use incoming::Incoming;
pub use incoming::MessageId;
pub use interactive::{Interactive, ReplyButton};
pub use location::{Degrees, Location};
pub use media::{Media, MediaObject};
pub(crate) use media::{ill_made, kind_of_object};
pub use open::Open;
pub(crate) use options::{ENVELOPE, merge};
pub use options::{Marketing, ProductPolicy, Tracker};
pub use order::{OrderDetails, OrderStatus};
pub use reaction::Reaction;
pub(crate) use recipient::Address;
pub use recipient::Recipient;
pub use template::{Template, Variables};
pub use text::Text;
pub(crate) use upload::{FileMark, Seen, has_changed, keep};
pub use upload::{Held, Upload, UploadSource, hand_in, handed_in, take_back};
pub use violation::{Invalid, Violation};

pub(crate) use violation::Wanted;
use violation::{Checker, meet};

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
    pub reply_to: Option<MessageId>,
    /// What comes back in every status webhook of this message.
    pub tracker: Tracker,
    /// Members of Graph's body that this version does not know. They are added to it, unchecked.
    pub extra: Option<Open>,
    /// Sent through the endpoint for marketing messages, with its options.
    pub marketing: Option<Marketing>,
    /// Delivered only to a person whose identity is still the one that this hash was told for.
    pub identity_key_hash: Option<String>,
    /// Whether the body says `recipient_type: individual` although it need not.
    pub(crate) says_individual: bool,
    /// Mistakes in what was given that the content cannot show.
    pub(crate) mistakes: Vec<Violation>,
}

impl Message {
    /// A message of any content.
    pub fn new(to: impl Into<Recipient>, content: Content) -> Self {
        Message {
            to: to.into(),
            content,
            reply_to: None,
            tracker: Tracker::Auto,
            extra: None,
            marketing: None,
            identity_key_hash: None,
            says_individual: false,
            mistakes: Vec::new(),
        }
    }

    /// What could not be read as a message.
    pub(crate) fn unread(invalid: Invalid) -> Self {
        Message::new(Recipient::phone(""), Content::Unread(invalid))
    }

    /// Answers a message: it is shown quoted above this one.
    #[must_use]
    pub fn reply_to(mut self, wamid: impl Into<MessageId>) -> Self {
        self.reply_to = Some(wamid.into());
        self
    }

    /// Sets what comes back in the status webhooks.
    #[must_use]
    pub fn tracker(mut self, tracker: Tracker) -> Self {
        self.tracker = tracker;
        self
    }

    /// Adds members to Graph's body that this version does not know.
    #[must_use]
    pub fn extra(mut self, extra: impl Into<Open>) -> Self {
        self.extra = Some(extra.into());
        self
    }

    /// The options that every message has, as calls give them.
    pub(crate) fn with(mut self, reply_to: Option<MessageId>, tracker: Option<Tracker>, extra: Option<Open>) -> Self {
        self.reply_to = reply_to;
        self.tracker = tracker.unwrap_or_default();
        self.extra = extra;
        self
    }

    /// The same with one more mistake, if there is one.
    pub(crate) fn mistaken(mut self, mistake: Option<Violation>) -> Self {
        self.mistakes.extend(mistake);
        self
    }

    /// The number that has to send it, if it answers a message that came to one, and where that is said.
    pub(crate) fn answering_number(&self) -> Option<(&'static str, &str)> {
        let quoted = self.reply_to.as_ref().and_then(MessageId::number_id).map(|number| ("context.message_id", number));
        quoted.or_else(|| self.to.number_id().map(|number| ("to", number)))
    }

    /// Every mistake in this message, each with its path in Graph's body.
    ///
    /// # Errors
    /// [`Invalid`] with at least one violation.
    pub fn check(&self) -> Result<(), Invalid> {
        self.check_for_uploads().map(|_| ())
    }

    /// The same, and what has to be uploaded before the message can be sent.
    pub(crate) fn check_for_uploads(&self) -> Result<Vec<Wanted>, Invalid> {
        if let Content::Unread(invalid) = &self.content {
            return Err(invalid.clone());
        }
        let mut checker = Checker::default();
        self.to.check(&mut checker);
        self.check_options(&mut checker);
        for mistake in &self.mistakes {
            checker.add(mistake);
        }
        let mut content = Checker::default();
        self.content.check(&mut content);
        // What follows from a mistake that is told already says nothing new.
        for violation in
            content.found().iter().filter(|found| !self.mistakes.iter().any(|m| meet(&found.path, &m.path)))
        {
            checker.add(violation);
        }
        checker.into_result().map(|()| content.into_uploads())
    }
}
