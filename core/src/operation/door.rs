//! The Rust door: the calls as methods with their required arguments. The others are set on the operation, which goes
//! out with [`Client::call`]:
//!
//! ```no_run
//! # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
//! use wacloud::operation::SendImage;
//!
//! wa.call(SendImage::new("+15550001234", "https://example.com/parcel.jpg").caption("At the door")).await?;
//! # Ok(())
//! # }
//! ```

use super::{Done, MarkRead};
use crate::client::{Client, SentMessage};
use crate::error::Result;
use crate::message::{Media, Message, Recipient, ReplyButton};

impl Client {
    /// Sends a text of 1 to 4,096 characters: see [`SendText`](super::SendText).
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn send_text(&self, to: impl Into<Recipient>, body: impl Into<String>) -> Result<SentMessage> {
        self.send(Message::text(to, body)).await
    }

    /// Sends a picture from a link or an upload's id: see [`SendImage`](super::SendImage).
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn send_image(&self, to: impl Into<Recipient>, image: impl Into<Media>) -> Result<SentMessage> {
        self.send(Message::image(to, image)).await
    }

    /// Sends a file from a link or an upload's id: see [`SendDocument`](super::SendDocument).
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn send_document(&self, to: impl Into<Recipient>, document: impl Into<Media>) -> Result<SentMessage> {
        self.send(Message::document(to, document)).await
    }

    /// Sends a text with one to three reply buttons: see [`SendButtons`](super::SendButtons).
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn send_buttons(
        &self,
        to: impl Into<Recipient>,
        body: impl Into<String>,
        buttons: impl IntoIterator<Item = ReplyButton>,
    ) -> Result<SentMessage> {
        self.send(Message::buttons(to, body, buttons)).await
    }

    /// Marks a received message as read: see [`MarkRead`].
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn mark_read(&self, message_id: impl Into<String>) -> Result<Done> {
        self.call(MarkRead::new(message_id)).await
    }
}
