//! `send_payload`.

use serde::Deserialize;
use serde_json::Value;

use super::MessageOperation;
use crate::message::{Invalid, Message};

/// Sends a message that is given as Graph's own request body, of a kind that wacloud knows. It is checked like any other.
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
    const PATHS: &'static [(&'static str, &'static str)] = &[("payload", "")];

    fn message(self) -> Result<Message, Invalid> {
        Message::from_payload(&self.payload)
    }
}
