//! What may be said about every message beside what it says.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::violation::{Checker, Rule};
use super::{Content, Message, limits, read};

/// The members of Graph's body that are about the message, not in it. `extra` cannot say them.
pub(crate) const ENVELOPE: &[&str] =
    &["messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data"];

/// What comes back in every status webhook of a message (Graph's `biz_opaque_callback_data`), so that one whose answer was
/// lost can still be settled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Tracker {
    /// Made up when the message is sent.
    #[default]
    Auto,
    /// Left out. A lost answer can then never be settled.
    Off,
    /// Up to 512 characters of your own.
    Given(String),
}

/// A template that goes out through the endpoint for marketing messages, and its options (Meta's page "Send marketing
/// messages").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marketing {
    /// What to do with templates that the endpoint does not take.
    pub product_policy: Option<ProductPolicy>,
    /// Whether Meta learns what people do with the message.
    pub message_activity_sharing: Option<bool>,
}

/// What to do with templates that the endpoint for marketing messages does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub enum ProductPolicy {
    /// Send them as the normal endpoint would.
    #[serde(rename = "CLOUD_API_FALLBACK")]
    CloudApiFallback,
    /// Refuse them.
    #[serde(rename = "STRICT")]
    Strict,
}

impl Message {
    /// Tells what is wrong with the options.
    pub(super) fn check_options(&self, checker: &mut Checker) {
        if let Some(wamid) = &self.reply_to {
            checker.member("context", |c| wamid.check(c, "message_id"));
        }
        if let Tracker::Given(tracker) = &self.tracker {
            checker.text("biz_opaque_callback_data", tracker, 1, limits::TRACKER);
        }
        if self.marketing.is_some() {
            if !matches!(self.content, Content::Template(_) | Content::Raw(_)) {
                checker.refuse_at("type", Rule::Choice, "must be template at the endpoint for marketing messages");
            }
            if self.to.is_group() {
                let message = "must be a person at the endpoint for marketing messages, not a group";
                checker.refuse_at("recipient_type", Rule::Choice, message);
            }
        }
        // Meta's page on group messaging: texts, media and templates.
        if self.to.is_group() && matches!(self.content, Content::Interactive(_)) {
            let message = "cannot be interactive in a message to a group: groups take texts, media and templates";
            checker.refuse_at("type", Rule::Choice, message);
        }
        if let Some(extra) = &self.extra {
            match extra.wrong() {
                Some(kind) => checker.refuse_at("extra", Rule::Type, format!("must be an object, got {kind}")),
                None => extra.check(checker),
            }
            for name in ENVELOPE.iter().filter(|name| extra.0.contains_key(**name)) {
                checker.refuse_at(name, Rule::Conflict, "cannot be said with extra");
            }
        }
    }
}

/// Adds `extra` to `body`: objects member by member, and only what is not there yet.
pub(crate) fn merge(body: &mut Value, extra: &Value, checker: &mut Checker) {
    match (body, extra) {
        (Value::Object(body), Value::Object(extra)) => {
            for (name, value) in extra {
                match body.get_mut(name) {
                    Some(there) => checker.key(name, |checker| merge(there, value, checker)),
                    None => {
                        body.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        _ => checker.refuse(Rule::Conflict, "is in the message already: extra can only add"),
    }
}

impl From<&str> for Tracker {
    fn from(text: &str) -> Self {
        Tracker::Given(text.to_owned())
    }
}

impl From<String> for Tracker {
    fn from(text: String) -> Self {
        Tracker::Given(text)
    }
}

impl<'de> Deserialize<'de> for Tracker {
    /// Text, or `false` to leave it out.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Tracker::Given(text)),
            Value::Bool(false) => Ok(Tracker::Off),
            Value::Bool(true) | Value::Null => Ok(Tracker::Auto),
            other => Err(serde::de::Error::custom(format!(
                "must be text, or false to leave it out, got {}",
                read::kind_of(&other)
            ))),
        }
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for Tracker {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Tracker".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Text of up to 512 characters that every status webhook of the message carries back, or `false` to send none.",
            "anyOf": [{"type": "string"}, {"const": false}],
        })
    }
}
