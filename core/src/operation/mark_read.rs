//! `mark_read`.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::{Client, Context, Operation, Request, RequestBody};
use crate::error::Result;
use crate::graph::{Endpoint, Extra, Method};
use crate::message::violation::Checker;
use crate::message::{Invalid, MessageId};
use crate::outcome::Effect;

/// Marks a received message, and all before it, as read: its sender sees the blue ticks.
///
/// It may be repeated, and is after a lost answer. Messages in groups cannot be marked.
///
/// Source: Meta's pages "Mark messages as read" and "Typing indicators".
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// use wacloud::operation::MarkRead;
///
/// wa.call(MarkRead::new("wamid.HBgLMTU1NTAwMDEyMzQ=").typing(true)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MarkRead {
    /// The id (`wamid.…`) of the message that was received, or its event.
    pub message_id: MessageId,
    /// Whether to show that an answer is being typed: until it is sent, for 25 seconds at most. No unless given.
    pub typing: Option<bool>,
}

/// A call that was carried out and has nothing more to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct Done {
    /// Always true: a call that was not carried out is an error.
    pub success: bool,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

builder!(MarkRead { message_id: MessageId; typing: bool });

impl Client {
    /// [`MarkRead`] without a typing indicator.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn mark_read(&self, message_id: impl Into<MessageId>) -> Result<Done> {
        self.call(MarkRead::new(message_id)).await
    }
}

impl Operation for MarkRead {
    const NAME: &'static str = "mark_read";
    const EFFECT: Effect = Effect::Idempotent;
    const PATHS: &'static [(&'static str, &'static str)] = &[("typing", "typing_indicator")];
    const EXAMPLE: &'static str = r#"{"message_id": "wamid.HBgLMTU1NTAwMDEyMzQ=", "typing": true}"#;
    type Output = Done;

    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let mut checker = Checker::default();
        self.message_id.check(&mut checker, "message_id");
        checker.own_number("message_id", self.message_id.number_id(), cx.phone_number_id);
        checker.into_result()?;
        let mut body =
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": self.message_id.as_str()});
        if self.typing == Some(true) {
            body["typing_indicator"] = json!({"type": "text"});
        }
        Ok(Request {
            method: Method::Post,
            endpoint: Endpoint::Messages { phone_number_id: cx.phone_number_id.to_owned() },
            body: RequestBody::Json(body),
        })
    }
}
