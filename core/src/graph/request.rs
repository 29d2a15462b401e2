//! The request body of `POST /{phone-number-id}/messages`: messages into Graph's JSON and back.

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::message::violation::{Checker, Rule, invalid};
use crate::message::{
    Address, Contacts, Content, ENVELOPE, Interactive, Invalid, Location, Marketing, MediaObject, Message, Open,
    ProductPolicy, Reaction, Recipient, Template, Text, Tracker, Upload, Violation, Wanted, each_content, limits,
    merge, read,
};

/// A message that was checked, ready to go out. It can only be made by checking one.
#[derive(Debug, Clone)]
pub struct Payload {
    message: Message,
    address: Address,
    /// What has to be uploaded before it can go out.
    wanted: Vec<Wanted>,
    /// The ids and names of those, once they are uploaded.
    uploaded: Vec<Uploaded>,
}

/// Something that was uploaded for a message.
#[derive(Debug, Clone)]
pub(crate) struct Uploaded {
    pub(crate) id: String,
    /// The name that people see, of documents that have none of their own.
    pub(crate) filename: String,
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

    /// A Graph request body that goes out as it is, whatever it says: for what is newer than this version. Only who it goes
    /// to is checked.
    pub fn raw(body: Value) -> Message {
        match raw(body) {
            Ok(message) => message,
            Err(invalid) => Message::unread(invalid),
        }
    }
}

/// The envelope of a body is read, all else stays as it is.
fn raw(body: Value) -> Result<Message, Invalid> {
    let mut checker = Checker::default();
    let Value::Object(mut members) = body else {
        match body {
            Value::Null => checker.refuse(Rule::Required, "is required: an object"),
            other => checker.refuse(Rule::Type, format!("must be an object, got {}", read::kind_of(&other))),
        }
        checker.into_result()?;
        return Ok(Message::new("", Content::Raw(Open::default())));
    };
    let given: Map<String, Value> =
        ENVELOPE.iter().filter_map(|name| Some(((*name).to_owned(), members.get(*name)?.clone()))).collect();
    let mut envelope = invalid(read::read::<Envelope>(&Value::Object(given)))?;
    let to = take_recipient(envelope.recipient_type, envelope.to.take(), envelope.recipient.take(), &mut checker);
    let kind = envelope.kind.unwrap_or_default();
    if kind.is_empty() {
        checker.refuse_at("type", Rule::Required, "is required: text");
    }
    checker.into_result()?;
    // `type` belongs to the content; the rest of the envelope is written as any message's.
    members.retain(|name, _| name == "type" || !ENVELOPE.contains(&name.as_str()));
    let mut message = Message::new(to.unwrap_or_else(|| Recipient::phone("")), Content::Raw(Open(members)));
    message.says_individual = envelope.recipient_type == Some(RecipientType::Individual);
    message.reply_to = envelope.context.map(|context| context.message_id.into());
    message.tracker = envelope.biz_opaque_callback_data.map_or(Tracker::Auto, Tracker::Given);
    Ok(message)
}

impl Payload {
    /// Checks a message.
    ///
    /// # Errors
    /// [`Invalid`] with every mistake.
    pub fn new(message: Message) -> Result<Self, Invalid> {
        let wanted = message.check_for_uploads()?;
        // The check has refused everything that has no address.
        let address = message.to.address().map_err(|why| Violation::new("to", Rule::Format, why))?;
        let payload = Payload { message, address, wanted, uploaded: Vec::new() };
        if payload.message.extra.is_some() {
            let mut checker = Checker::default();
            payload.merged(&mut checker);
            checker.into_result()?;
        }
        Ok(payload)
    }

    /// The template that it sends, if it does.
    pub(crate) fn template(&self) -> Option<&Template> {
        match &self.message.content {
            Content::Template(template) => Some(template),
            _ => None,
        }
    }

    /// What has to be uploaded before it can go out.
    pub(crate) fn wanted(&self) -> &[Wanted] {
        &self.wanted
    }

    /// Notes how the files are that have to be uploaded.
    pub(crate) fn note_files(&mut self, seen: impl Fn(&Arc<Upload>) -> Arc<Upload>) {
        self.wanted.iter_mut().for_each(|wanted| wanted.upload = seen(&wanted.upload));
    }

    /// Says what became of each of [`Payload::wanted`], in that order.
    pub(crate) fn settle_uploads(&mut self, uploaded: Vec<Uploaded>) {
        self.uploaded = uploaded;
    }

    /// Whether it goes to the endpoint for marketing messages.
    pub(crate) fn is_marketing(&self) -> bool {
        self.message.marketing.is_some()
    }

    /// The body with `extra` in it; what cannot be added is told.
    fn merged(&self, checker: &mut Checker) -> Value {
        // A payload is strings, numbers, booleans and lists of them: nothing in it can fail to become JSON.
        let mut body = serde_json::to_value(Plain { payload: self, has_tracker: true }).unwrap_or_default();
        if let Some(extra) = &self.message.extra {
            merge(&mut body, &Value::Object(extra.0.clone()), checker);
        }
        body
    }

    /// The body with the ids of uploads where they were wanted.
    fn with_ids(&self) -> Value {
        let mut body = self.merged(&mut Checker::default());
        for (wanted, uploaded) in self.wanted.iter().zip(&self.uploaded) {
            let pointer = format!("/{}", wanted.path.replace('[', ".").replace(']', "").replace('.', "/"));
            let Some(Value::Object(media)) = body.pointer_mut(&pointer) else { continue };
            media.shift_remove("file");
            media.shift_insert(0, "id".to_owned(), uploaded.id.as_str().into());
            let is_short = uploaded.filename.chars().count() <= limits::FILENAME;
            if wanted.kind == "document" && !media.contains_key("filename") && is_short {
                media.insert("filename".to_owned(), uploaded.filename.as_str().into());
            }
        }
        body
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

    /// What the sender said about the tracker.
    pub(crate) fn tracker(&self) -> &Tracker {
        &self.message.tracker
    }

    /// What it says and who it goes to, without the tracker.
    pub(crate) fn intended(&self) -> Intended<'_> {
        Intended(self)
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
        match &self.message.extra {
            _ if !self.uploaded.is_empty() => self.with_ids().serialize(serializer),
            Some(_) => self.merged(&mut Checker::default()).serialize(serializer),
            None => Plain { payload: self, has_tracker: true }.serialize(serializer),
        }
    }
}

/// A payload as it was intended: without the tracker, which may be another one each time.
pub(crate) struct Intended<'a>(&'a Payload);

impl Serialize for Intended<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Intended(payload) = self;
        if payload.message.extra.is_none() {
            return Plain { payload, has_tracker: false }.serialize(serializer);
        }
        let mut body = payload.merged(&mut Checker::default());
        if let Value::Object(body) = &mut body {
            body.shift_remove("biz_opaque_callback_data");
        }
        body.serialize(serializer)
    }
}

/// A payload without its `extra`.
struct Plain<'a> {
    payload: &'a Payload,
    has_tracker: bool,
}

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Payload { message, address, .. } = self.payload;
        let mut body = serializer.serialize_map(None)?;
        body.serialize_entry("messaging_product", "whatsapp")?;
        match address {
            Address::Group(_) => body.serialize_entry("recipient_type", "group")?,
            _ if message.says_individual => body.serialize_entry("recipient_type", "individual")?,
            _ => {}
        }
        match address {
            Address::Phone(to) | Address::Group(to) => body.serialize_entry("to", to)?,
            Address::User(user) => body.serialize_entry("recipient", user)?,
        }
        if let Some(message_id) = &message.reply_to {
            body.serialize_entry("context", &Context { message_id: message_id.as_str().to_owned() })?;
        }
        message.content.write(&mut body)?;
        if let Tracker::Given(tracker) = &message.tracker
            && self.has_tracker
        {
            body.serialize_entry("biz_opaque_callback_data", tracker)?;
        }
        if let Some(hash) = &message.identity_key_hash {
            body.serialize_entry("recipient_identity_key_hash", hash)?;
        }
        let marketing = message.marketing.unwrap_or_default();
        if let Some(policy) = &marketing.product_policy {
            body.serialize_entry("product_policy", policy)?;
        }
        if let Some(sharing) = &marketing.message_activity_sharing {
            body.serialize_entry("message_activity_sharing", sharing)?;
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

/// What a body says about its message, whatever the message says.
#[derive(Debug, Deserialize)]
struct Envelope {
    #[serde(rename = "messaging_product")]
    _product: Option<Product>,
    recipient_type: Option<RecipientType>,
    to: Option<String>,
    recipient: Option<String>,
    context: Option<Context>,
    biz_opaque_callback_data: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

fn take_recipient(
    recipient_type: Option<RecipientType>,
    to: Option<String>,
    recipient: Option<String>,
    checker: &mut Checker,
) -> Option<Recipient> {
    match (to, recipient) {
        (Some(id), None) if recipient_type == Some(RecipientType::Group) => Some(Recipient::group(id)),
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
            recipient_identity_key_hash: Option<String>,
            product_policy: Option<ProductPolicy>,
            message_activity_sharing: Option<bool>,
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
                match self {
                    $(Content::$variant(content) => {
                        body.serialize_entry("type", stringify!($name))?;
                        body.serialize_entry(stringify!($name), content)
                    })*
                    Content::Raw(members) => {
                        members.0.iter().try_for_each(|(name, value)| body.serialize_entry(name, value))
                    }
                    // It never comes through the check.
                    Content::Unread(_) => Ok(()),
                }
            }
        }
    };
}

each_content!(wire);

impl Body {
    fn into_message(mut self) -> Result<Message, Invalid> {
        let mut checker = Checker::default();
        let to = take_recipient(self.recipient_type, self.to.take(), self.recipient.take(), &mut checker);
        let content = self.take_content(&mut checker);
        checker.into_result()?;
        // Both are there, or the check has failed.
        let (Some(to), Some(content)) = (to, content) else { return Err(Invalid::new(Vec::new())) };
        let mut message = Message::new(to, content);
        message.says_individual = self.recipient_type == Some(RecipientType::Individual);
        message.reply_to = self.context.map(|context| context.message_id.into());
        message.tracker = self.biz_opaque_callback_data.map_or(Tracker::Auto, Tracker::Given);
        message.identity_key_hash = self.recipient_identity_key_hash;
        if self.product_policy.is_some() || self.message_activity_sharing.is_some() {
            let (product_policy, message_activity_sharing) = (self.product_policy, self.message_activity_sharing);
            message.marketing = Some(Marketing { product_policy, message_activity_sharing });
        }
        Ok(message)
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

    fn told(result: Result<Value, Invalid>) -> Vec<String> {
        result.unwrap_err().violations.into_iter().map(|v| format!("{} {}", v.path, v.rule)).collect()
    }

    #[test]
    fn extra_adds_and_never_replaces() {
        let message = |extra| Message::text("+15550001234", "Hi").extra(extra).payload();
        let body = message(json!({"recipient_identity_key_hash": "h", "text": {"new": [1]}})).unwrap();
        assert_eq!(
            body,
            json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": "text",
                   "text": {"body": "Hi", "new": [1]}, "recipient_identity_key_hash": "h"})
        );
        assert_eq!(told(message(json!({"text": {"body": "Ho"}}))), ["text.body conflict"]);
        assert_eq!(told(message(json!({"text": "Ho"}))), ["text conflict"]);
        assert_eq!(told(message(json!({"to": "+1"}))), ["to conflict"]);
        assert_eq!(told(message(json!("text"))), ["extra type"]);
    }

    #[test]
    fn a_raw_body_goes_out_as_it_is() {
        let body = json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": "hologram",
                          "hologram": {"id": 5}, "context": {"message_id": "wamid.A"}});
        let message = Message::raw(body.clone());
        assert_eq!(
            (message.reply_to.as_ref().map(crate::message::MessageId::as_str), message.content.kind()),
            (Some("wamid.A"), "hologram")
        );
        assert_eq!(message.payload(), Ok(body));
        for (body, expected) in [
            (json!({"type": "hologram"}), "to required"),
            (json!({"to": "+15550001234"}), "type required"),
            (json!({"to": "call me", "type": "hologram"}), "to format"),
            (json!({"to": 5, "type": "hologram"}), "to type"),
            (json!([]), " type"),
            (json!({"to": "+15550001234", "type": "x", "x": {"y": {"$unsupported": "bytes"}}}), "x.y type"),
        ] {
            assert_eq!(told(Message::raw(body.clone()).payload()), [expected], "{body}");
        }
    }

    #[test]
    fn what_a_type_does_not_have_is_told_at_its_place() {
        let interactive = |interactive: Value| {
            Message::from_payload(&json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": "interactive",
                                          "interactive": interactive}))
            .and_then(|m| m.payload())
        };
        let action = json!({"button": "Open", "sections": [{"rows": [{"id": "a", "title": "A", "colour": "red"}]}]});
        assert_eq!(
            told(interactive(json!({"type": "list", "body": {"text": 5}, "action": action, "hat": 1}))),
            [
                "interactive.hat unknown",
                "interactive.body.text type",
                "interactive.action.sections[0].rows[0].colour unknown"
            ]
        );
        assert_eq!(told(interactive(json!({"type": "dance", "body": 5}))), ["interactive.type choice"]);
        assert_eq!(told(interactive(json!({"body": {"text": "Hi"}}))), ["interactive.type required"]);
        assert_eq!(told(interactive(json!("list"))), ["interactive type"]);
    }
}
