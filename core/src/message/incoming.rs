//! What a message answers, as an event of a webhook names it: whoever wrote, and what they wrote.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::Recipient;
use super::violation::{Checker, Rule};

/// A message that came in, as far as answering it needs to know. What is absent cannot be answered, and is told when the
/// message that answers is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Incoming {
    pub(crate) kind: String,
    pub(crate) channel: String,
    pub(crate) number_id: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) sender: Option<String>,
    pub(crate) sender_user_id: Option<String>,
    pub(crate) group_id: Option<String>,
}

impl Incoming {
    /// Of `{"event": {…}}`, as the language packages write an event.
    pub(super) fn read(object: &Map<String, Value>) -> Option<Self> {
        let event = object.get("event").filter(|_| object.len() == 1)?;
        Some(Incoming::deserialize(event).unwrap_or_default())
    }

    /// Why it cannot be answered with a message, if so.
    fn refusal(&self) -> Option<String> {
        if self.channel != "whatsapp" {
            let channel = if self.channel.is_empty() { "nowhere" } else { &self.channel };
            return Some(format!("is an event of {channel}, and only WhatsApp's are answered here"));
        }
        (self.kind != "message").then(|| format!("is an event of kind {:?}, which nobody wrote", self.kind))
    }

    /// Where an answer goes: to the group that it was written in, or to whoever wrote it.
    pub(super) fn author(&self) -> Result<Recipient, String> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let recipient = match (&self.group_id, &self.sender, &self.sender_user_id) {
            (Some(group), ..) => Recipient::group(group),
            (None, Some(digits), _) => Recipient::phone(format!("+{}", digits.trim_start_matches('+'))),
            (None, None, Some(user)) => Recipient::user(user),
            (None, None, None) => return Err("is an event that does not say who wrote".to_owned()),
        };
        Ok(recipient)
    }
}

/// The id of a message (`wamid.…`), as text or as the event that it came with.
///
/// ```
/// use wacloud::Message;
///
/// # fn example(event: &wacloud::webhook::WebhookEvent) {
/// let answer = Message::text(event, "Got it").reply_to(event);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageId {
    id: Result<String, String>,
    /// The number that it came to.
    number_id: Option<String>,
}

impl MessageId {
    pub(crate) fn of(incoming: Incoming) -> Self {
        let id = match (incoming.refusal(), incoming.id) {
            (Some(refusal), _) => Err(refusal),
            (None, None) => Err("is an event without an id".to_owned()),
            (None, Some(id)) => Ok(id),
        };
        MessageId { id, number_id: incoming.number_id }
    }

    /// The id; empty where it is none.
    pub fn as_str(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    /// The number that the message came to, where that is known.
    pub(crate) fn number_id(&self) -> Option<&str> {
        self.number_id.as_deref()
    }

    pub(crate) fn check(&self, checker: &mut Checker, member: &'static str) {
        match &self.id {
            Ok(id) => checker.text(member, id, 1, usize::MAX),
            Err(why) => checker.refuse_at(member, Rule::Type, why.clone()),
        }
    }
}

impl From<String> for MessageId {
    fn from(id: String) -> Self {
        MessageId { id: Ok(id), number_id: None }
    }
}

impl From<&str> for MessageId {
    fn from(id: &str) -> Self {
        MessageId::from(id.to_owned())
    }
}

impl From<&String> for MessageId {
    fn from(id: &String) -> Self {
        MessageId::from(id.clone())
    }
}

impl Serialize for MessageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(id) => Ok(MessageId::from(id)),
            Value::Null => Ok(MessageId::from("")),
            other => match other.as_object().and_then(Incoming::read) {
                Some(incoming) => Ok(MessageId::of(incoming)),
                None => Ok(MessageId {
                    id: Err(format!("must be the id of a message as text, got {}", super::read::kind_of(&other))),
                    number_id: None,
                }),
            },
        }
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for MessageId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MessageId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The id (`wamid.…`) of a message, or the event that it came with.",
            "anyOf": [
                {"type": "string"},
                {"type": "object", "properties": {"event": {"type": "object"}}, "required": ["event"]},
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn recipient(event: &Value) -> Recipient {
        serde_json::from_value(json!({ "event": event })).unwrap()
    }

    #[test]
    fn an_answer_goes_to_whoever_wrote() {
        let event = |more: Value| {
            let mut event = json!({"kind": "message", "channel": "whatsapp", "id": "wamid.A", "number_id": "1"});
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event
        };
        for (event, expected) in [
            (event(json!({"sender": "15550001234", "sender_user_id": "US.1"})), Recipient::phone("+15550001234")),
            (event(json!({"sender_user_id": "US.1"})), Recipient::user("US.1")),
            (event(json!({"sender": "15550001234", "group_id": "G"})), Recipient::group("G")),
        ] {
            let recipient = recipient(&event);
            assert_eq!((recipient.address(), recipient.number_id()), (expected.address(), Some("1")));
        }
    }

    #[test]
    fn what_nobody_wrote_is_not_answered() {
        for (event, expected) in [
            (json!({"kind": "status", "channel": "whatsapp", "recipient": "15550001234"}), "which nobody wrote"),
            (json!({"kind": "message", "channel": "messenger", "sender_user_id": "1"}), "an event of messenger"),
            (json!({"kind": "message", "channel": "whatsapp"}), "does not say who wrote"),
            (json!([]), "an event of nowhere"),
        ] {
            let why = recipient(&event).address().unwrap_err();
            assert!(why.contains(expected), "{why}");
        }
    }
}
