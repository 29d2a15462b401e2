//! Texts and reactions.

use super::sends;
use crate::message::{Content, MessageId, Reaction, Text};

sends! {
    /// Sends a text.
    ///
    /// Outside the customer service window (24 hours after the person last wrote; 72 after a click on an ad) Meta refuses
    /// texts: send a template instead (131047, a `WindowClosedError`).
    ///
    /// Source: Meta's page "Text messages".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// let sent = wa.send_text("+15550001234", "Hello").await?;
    /// # Ok(())
    /// # }
    /// ```
    SendText: send_text, text, r#"{"to": "+15550001234", "body": "Hello"}"# {
        /// The text: 1 to 4,096 characters.
        body: String = "text.body",
        ;
        /// Whether the first `http(s)` link in the text is shown with a preview. No unless given.
        preview_url: bool = "text.preview_url",
    }
    => Content::Text(Text { body, preview_url })
}

sends! {
    /// Puts an emoji on a message; it takes the place of the one before.
    ///
    /// The message may be 30 days old. One that is older, or that was deleted, is told by webhook (131009), after the
    /// reaction was accepted. Only a `sent` status follows a reaction, never `delivered` or `read`.
    ///
    /// Source: Meta's page "Reaction messages".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// wa.send_reaction("+15550001234", "wamid.HBgLMTU1NTAwMDEyMzQ=", "👍").await?;
    /// # Ok(())
    /// # }
    /// ```
    SendReaction: send_reaction, reaction,
    r#"{"to": "+15550001234", "message_id": "wamid.HBgLMTU1NTAwMDEyMzQ=", "emoji": "👍"}"# {
        /// The id (`wamid.…`) of the message, or the event that it came with.
        message_id: MessageId = "reaction.message_id",
        /// One emoji.
        emoji: String = "reaction.emoji",
        ;
    }
    => Content::Reaction(Reaction { message_id, emoji })
}

sends! {
    /// Takes the emoji off a message that `send_reaction` put there.
    ///
    /// Source: Meta's page "Reaction messages".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// wa.remove_reaction("+15550001234", "wamid.HBgLMTU1NTAwMDEyMzQ=").await?;
    /// # Ok(())
    /// # }
    /// ```
    RemoveReaction: remove_reaction, remove_reaction,
    r#"{"to": "+15550001234", "message_id": "wamid.HBgLMTU1NTAwMDEyMzQ="}"# {
        /// The id (`wamid.…`) of the message, or the event that it came with.
        message_id: MessageId = "reaction.message_id",
        ;
    }
    => Content::Reaction(Reaction { message_id, emoji: String::new() })
}
