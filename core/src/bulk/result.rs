//! What becomes of the messages of a bulk.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::client::SentMessage;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::outcome::Outcome;

/// A message of a bulk, and the key that a journal knows it by.
///
/// It is made of a [`Message`], or of a pair of a key and a message.
#[derive(Debug, Clone)]
pub struct BulkMessage {
    /// Such as the number of an order: 1 to 200 characters, another one for each message of a campaign. Made from what the
    /// message says, unless given.
    pub key: Option<String>,
    /// The message.
    pub message: Message,
}

impl From<Message> for BulkMessage {
    fn from(message: Message) -> Self {
        BulkMessage { key: None, message }
    }
}

impl<K: Into<String>> From<(K, Message)> for BulkMessage {
    fn from((key, message): (K, Message)) -> Self {
        BulkMessage { key: Some(key.into()), message }
    }
}

/// What became of one message of a bulk.
#[derive(Debug, Clone)]
pub struct BulkResult {
    /// The message's place in the list, from 0.
    pub index: u64,
    /// The key that the message was given, or that it has in the journal.
    pub key: Option<String>,
    /// The accepted message, or why there is none.
    pub result: Result<SentMessage>,
    /// Whether it was told from a journal instead of being sent now.
    pub replayed: bool,
}

impl BulkResult {
    /// Which of the four outcomes it is.
    pub fn outcome(&self) -> Outcome {
        self.result.as_ref().map_or_else(Error::outcome, |_| Outcome::Accepted)
    }
}

impl Serialize for BulkResult {
    /// As the language packages read it.
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let sent = self.result.as_ref().ok();
        let error = self.result.as_ref().err().map(Error::to_value);
        let mut data = serializer.serialize_map(None)?;
        data.serialize_entry("index", &self.index)?;
        data.serialize_entry("outcome", self.outcome().name())?;
        data.serialize_entry("replayed", &self.replayed)?;
        // What is absent costs reading, for each message of a million.
        if let Some(key) = &self.key {
            data.serialize_entry("key", key)?;
        }
        if let Some(sent) = sent {
            data.serialize_entry("sent", sent)?;
        }
        if let Some(error) = &error {
            data.serialize_entry("error", error)?;
        }
        data.end()
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for BulkResult {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BulkResult".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let sent = generator.subschema_for::<SentMessage>();
        schemars::json_schema!({
            "description": "What became of one message of a bulk.",
            "type": "object",
            "properties": {
                "index": {"type": "integer", "description": "The message's place in the list, from 0."},
                "key": {"type": ["string", "null"], "description": "The key that the message was given, or that it has in the journal."},
                "outcome": {
                    "enum": ["accepted", "rejected", "not_sent", "unknown"],
                    "description": "`accepted`, `rejected`, `not_sent` or `unknown`.",
                },
                "sent": {"anyOf": [sent, {"type": "null"}], "description": "The message, when it was accepted."},
                "error": {"format": "error", "description": "Why it was not, otherwise."},
                "replayed": {"type": "boolean", "description": "Whether it was told from a journal instead of being sent now."},
            },
            "required": ["index", "outcome", "replayed"],
        })
    }
}
