//! Messages that are given as Graph's own request body.

use serde::Deserialize;
use serde_json::Value;

use crate::client::{Client, SentMessage};
use crate::error::Result;
use crate::message::Message;
use crate::operation::MessageOperation;

/// Sends a message that is given as Graph's own request body, of a kind that wacloud knows. It is checked like any other, with
/// the limits of its kind.
///
/// Source: Meta's OpenAPI document (`POST /{phone-number-id}/messages`).
///
/// ```no_run
/// # async fn example(wa: wacloud::Client, body: serde_json::Value) -> wacloud::Result<()> {
/// use wacloud::operation::SendPayload;
///
/// wa.call(SendPayload { payload: body }).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendPayload {
    /// The body of `POST /{phone-number-id}/messages`, as Meta documents it.
    pub payload: Value,
}

impl MessageOperation for SendPayload {
    const NAME: &'static str = "send_payload";
    const CONSTRUCTOR: &'static str = "from_payload";
    const EXAMPLE: &'static str = r#"{"payload": {"messaging_product": "whatsapp", "to": "+15550001234", "type": "text", "text": {"body": "Hello"}}}"#;
    const PATHS: &'static [(&'static str, &'static str)] = &[("payload", "")];

    fn message(self) -> Message {
        Message::from_payload(&self.payload).unwrap_or_else(Message::unread)
    }
}

/// Sends a message that is given as Graph's own request body and is newer than wacloud: only its recipient is checked, all
/// else goes out as it is.
///
/// It keeps the pace, is never sent twice, and gets a tracker like any other message. For one new member in a message of a
/// known kind there is `extra` in every call.
///
/// Source: Meta's OpenAPI document (`POST /{phone-number-id}/messages`).
///
/// ```no_run
/// # async fn example(wa: wacloud::Client, body: serde_json::Value) -> wacloud::Result<()> {
/// wa.send_raw(body).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendRaw {
    /// The body of `POST /{phone-number-id}/messages` with `to` (or `recipient`), `type` and the member of that name.
    /// `messaging_product` may be left out.
    pub payload: Value,
}

impl MessageOperation for SendRaw {
    const NAME: &'static str = "send_raw";
    const CONSTRUCTOR: &'static str = "raw";
    const EXAMPLE: &'static str = r#"{"payload": {"to": "+15550001234", "type": "text", "text": {"body": "Hello"}}}"#;
    const PATHS: &'static [(&'static str, &'static str)] = &[("payload", "")];

    fn message(self) -> Message {
        Message::raw(self.payload)
    }
}

impl Client {
    /// [`SendRaw`].
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn send_raw(&self, payload: Value) -> Result<SentMessage> {
        self.call(SendRaw { payload }).await
    }
}
