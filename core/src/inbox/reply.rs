//! Answering what came in.

use crate::client::{Client, SentMessage};
use crate::error::Result;
use crate::message::{Incoming, Message, MessageId, Recipient};
use crate::operation::SendReaction;
use crate::webhook::WebhookEvent;

/// The name that an enumeration's value has in every language.
pub(super) fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

impl From<&WebhookEvent> for Incoming {
    fn from(event: &WebhookEvent) -> Self {
        let of = |member: &Option<String>| member.clone();
        Incoming {
            kind: name(&event.kind),
            channel: name(&event.channel),
            number_id: of(&event.number_id),
            id: of(&event.id),
            sender: of(&event.sender),
            sender_user_id: of(&event.sender_user_id),
            group_id: of(&event.group_id),
        }
    }
}

impl From<&WebhookEvent> for Recipient {
    /// Whoever wrote the message, or the group that it was written in. What cannot be answered is told when the message is
    /// checked.
    fn from(event: &WebhookEvent) -> Self {
        Recipient::author(event.into())
    }
}

impl From<&WebhookEvent> for MessageId {
    fn from(event: &WebhookEvent) -> Self {
        MessageId::of(event.into())
    }
}

impl Client {
    /// Sends `message` as an answer: it is shown with what it answers quoted above. Whom it goes to is the message's own
    /// `to`, which can be the event, too.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client, event: wacloud::webhook::WebhookEvent) -> wacloud::Result<()> {
    /// use wacloud::Message;
    ///
    /// wa.reply(&event, Message::text(&event, "We are on it")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Validation`](crate::Error::Validation) where the event is no message of WhatsApp's, or came to another number
    /// than this client's; every other [`Error`](crate::Error) that a send has.
    pub async fn reply(&self, event: &WebhookEvent, message: Message) -> Result<SentMessage> {
        self.send(message.reply_to(event)).await
    }

    /// Puts an emoji on the message of an event.
    ///
    /// # Errors
    /// As [`Client::reply`].
    pub async fn react(&self, event: &WebhookEvent, emoji: impl Into<String>) -> Result<SentMessage> {
        self.call(SendReaction::new(event, event, emoji)).await
    }
}
