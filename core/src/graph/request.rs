//! The request body of `POST /{phone-number-id}/messages`: messages into Graph's JSON and back.

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::message::interactive::Interactive;
use crate::message::violation::{Checker, Rule, invalid};
use crate::message::{
    Address, Content, Invalid, Location, MediaObject, Message, Recipient, Template, Text, Tracker, Violation,
    each_content, read,
};

/// A message that was checked, ready to go out. It can only be made by checking one.
#[derive(Debug, Clone)]
pub struct Payload {
    message: Message,
    address: Address,
}

impl Message {
    /// Checks the message and returns what would go out, without sending it.
    ///
    /// The tracker is shown when it was given; one that is made up is added when the message is sent.
    ///
    /// # Errors
    /// [`Invalid`] with every mistake.
    pub fn payload(&self) -> Result<Value, Invalid> {
        let payload = Payload::new(self.clone())?;
        // A payload is strings, booleans and lists of them: nothing in it can fail to become JSON.
        Ok(serde_json::to_value(&payload).unwrap_or_default())
    }

    /// Reads a Graph request body. Its [`Message::payload`] is equal to it, but for the `+` of `to`.
    ///
    /// # Errors
    /// [`Invalid`] with every mistake: unknown and missing members, wrong types, limits.
    pub fn from_payload(body: &Value) -> Result<Message, Invalid> {
        let body = invalid(read::read::<Body>(body))?;
        let message = body.into_message()?;
        message.check()?;
        Ok(message)
    }
}

impl Payload {
    /// Checks a message.
    ///
    /// # Errors
    /// [`Invalid`] with every mistake.
    pub fn new(message: Message) -> Result<Self, Invalid> {
        message.check()?;
        // The check has refused everything that has no address.
        let address = message.to.address().map_err(|why| Invalid {
            violations: vec![Violation { path: "to".to_owned(), rule: Rule::Format.name().to_owned(), message: why }],
        })?;
        Ok(Payload { message, address })
    }

    /// The message's tracker; one that is to be made up is `made_up()`, set once for all attempts.
    pub(crate) fn settle_tracker(&mut self, made_up: impl FnOnce() -> String) -> Option<String> {
        if self.message.tracker == Tracker::Auto {
            self.message.tracker = Tracker::Given(made_up());
        }
        match &self.message.tracker {
            Tracker::Given(tracker) => Some(tracker.clone()),
            Tracker::Off | Tracker::Auto => None,
        }
    }

    /// What identifies the recipient to the pair rate limit.
    pub(crate) fn address(&self) -> &str {
        match &self.address {
            Address::Phone(text) | Address::User(text) | Address::Group(text) => text,
        }
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let message = &self.message;
        let mut body = serializer.serialize_map(None)?;
        body.serialize_entry("messaging_product", "whatsapp")?;
        match &self.address {
            Address::Group(_) => body.serialize_entry("recipient_type", "group")?,
            _ if message.says_individual => body.serialize_entry("recipient_type", "individual")?,
            _ => {}
        }
        match &self.address {
            Address::Phone(to) | Address::Group(to) => body.serialize_entry("to", to)?,
            Address::User(user) => body.serialize_entry("recipient", user)?,
        }
        if let Some(message_id) = &message.reply_to {
            body.serialize_entry("context", &Context { message_id: message_id.clone() })?;
        }
        message.content.write(&mut body)?;
        if let Tracker::Given(tracker) = &message.tracker {
            body.serialize_entry("biz_opaque_callback_data", tracker)?;
        }
        body.end()
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Context {
    message_id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecipientType {
    Individual,
    Group,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Product {
    Whatsapp,
}

macro_rules! wire {
    ($($(#[$docs:meta])* $variant:ident($type:ty) $name:ident,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            $($variant,)*
        }

        /// A body as it was given: everything may be missing or contradict itself.
        #[derive(Debug, Deserialize)]
        struct Body {
            #[serde(rename = "messaging_product")]
            _product: Product,
            recipient_type: Option<RecipientType>,
            to: Option<String>,
            recipient: Option<String>,
            context: Option<Context>,
            biz_opaque_callback_data: Option<String>,
            #[serde(rename = "type")]
            kind: Kind,
            $($name: Option<$type>,)*
        }

        impl Body {
            /// The content that the type names. It must be there, and no other.
            fn take_content(&mut self, checker: &mut Checker) -> Option<Content> {
                let (kind, mut content) = match self.kind {
                    $(Kind::$variant => (stringify!($name), self.$name.take().map(Content::$variant)),)*
                };
                if content.is_none() {
                    checker.refuse_at(kind, Rule::Required, format!("is required in a message of type {kind}"));
                }
                $(if self.$name.is_some() {
                    let message = format!("does not belong into a message of type {kind}");
                    checker.refuse_at(stringify!($name), Rule::Conflict, message);
                    content = None;
                })*
                content
            }
        }

        impl Content {
            /// The `type` and the member of that name.
            fn write<M: SerializeMap>(&self, body: &mut M) -> Result<(), M::Error> {
                let kind = self.kind();
                body.serialize_entry("type", kind)?;
                match self {
                    $(Content::$variant(content) => body.serialize_entry(kind, content),)*
                }
            }
        }
    };
}

each_content!(wire);

impl Body {
    fn into_message(mut self) -> Result<Message, Invalid> {
        let mut checker = Checker::default();
        let to = self.take_recipient(&mut checker);
        let content = self.take_content(&mut checker);
        checker.into_result()?;
        // Both are there, or the check has failed.
        let (Some(to), Some(content)) = (to, content) else { return Err(Invalid { violations: Vec::new() }) };
        let mut message = Message::new(to, content);
        message.says_individual = self.recipient_type == Some(RecipientType::Individual);
        message.reply_to = self.context.map(|context| context.message_id);
        message.tracker = self.biz_opaque_callback_data.map_or(Tracker::Auto, Tracker::Given);
        Ok(message)
    }

    fn take_recipient(&mut self, checker: &mut Checker) -> Option<Recipient> {
        let group = self.recipient_type == Some(RecipientType::Group);
        match (self.to.take(), self.recipient.take()) {
            (Some(id), None) if group => Some(Recipient::group(id)),
            (Some(number), None) => Some(Recipient::phone(number)),
            (None, Some(user)) => Some(Recipient::user(user)),
            (Some(_), Some(_)) => {
                checker.refuse_at("recipient", Rule::Conflict, "cannot stand beside to");
                None
            }
            (None, None) => {
                checker.refuse_at("to", Rule::Required, "is required: text");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_comes_back_equal() {
        for body in [
            json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+15550001234", "type": "text",
                   "text": {"body": "Hi", "preview_url": false}, "context": {"message_id": "wamid.A"}}),
            json!({"messaging_product": "whatsapp", "recipient_type": "group", "to": "Y2FwaV9ncm91cDo", "type": "image",
                   "image": {"id": "123", "caption": ""}}),
            json!({"messaging_product": "whatsapp", "recipient": "US.1349", "type": "document",
                   "document": {"link": "http://example.com/a", "filename": "a.pdf"}, "biz_opaque_callback_data": "t"}),
            json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": "template", "template": {
                   "name": "order_update", "language": {"code": "en_US", "policy": "deterministic"},
                   "components": [{"type": "body", "parameters": [{"type": "text", "text": "Ana", "parameter_name": "name"}]},
                                  {"type": "header"}]}}),
        ] {
            assert_eq!(Message::from_payload(&body).and_then(|m| m.payload()), Ok(body));
        }
    }

    #[test]
    fn every_mistake_of_a_body_is_told() {
        let body = json!({"messaging_product": "whatsap", "type": "text", "text": {"body": 5, "preview": true}, "image": {"id": "1"}});
        let found = Message::from_payload(&body).unwrap_err().violations;
        let told: Vec<_> = found.iter().map(|v| format!("{} {}", v.path, v.rule)).collect();
        assert_eq!(told, ["messaging_product choice", "text.preview unknown", "text.body type"]);

        let body = json!({"messaging_product": "whatsapp", "type": "text", "image": {"id": "1"}});
        let found = Message::from_payload(&body).unwrap_err().violations;
        let told: Vec<_> = found.iter().map(|v| format!("{} {}", v.path, v.rule)).collect();
        assert_eq!(told, ["to required", "text required", "image conflict"]);
    }
}
