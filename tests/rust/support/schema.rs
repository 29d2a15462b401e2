//! Meta's own description of a request, closed against misspelt members, where a copy lies beside the checkout.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::beside;

/// Checks bodies of `POST /{phone-number-id}/messages` and `/marketing_messages`.
pub(crate) struct Schema {
    messages: Validator,
    marketing: Validator,
}

/// What Meta's pages have and its document does not: a pointer into a body and the texts that stand there. The sandbox,
/// which read the pages, checks these.
const NEWER: &[(&str, &[&str])] = &[
    ("/interactive/type", &["carousel", "request_contact_info"]),
    ("/template/components/*/sub_type", &["voice_call"]),
];

impl Schema {
    /// The schema, or a line on the screen that says it is skipped.
    pub(crate) fn load() -> Option<Self> {
        let text = std::fs::read_to_string(beside("meta/message-request.strict.schema.json")?).unwrap();
        let messages: Value = serde_json::from_str(&text).unwrap();
        let marketing = json!({"$ref": "#/$defs/MarketingMessage", "$defs": messages["$defs"]});
        let validator = |schema: &Value| jsonschema::validator_for(schema).unwrap();
        Some(Schema { messages: validator(&messages), marketing: validator(&marketing) })
    }

    /// What the schema says against a body.
    pub(crate) fn complaints(&self, body: &Value) -> Vec<String> {
        if is_newer(body) {
            return Vec::new();
        }
        let body = addressed_by_number(body);
        let is_marketing = ["product_policy", "message_activity_sharing"].iter().any(|name| body.get(name).is_some());
        let schema = if is_marketing { &self.marketing } else { &self.messages };
        schema.iter_errors(&body).map(|error| format!("schema: {}: {error}", error.instance_path())).collect()
    }
}

fn is_newer(body: &Value) -> bool {
    NEWER.iter().any(|(pointer, texts)| {
        let names: Vec<&str> = pointer.split('/').skip(1).collect();
        found(body, &names).iter().any(|text| texts.contains(text))
    })
}

/// The texts at a pointer, whose `*` is any index.
fn found<'v>(value: &'v Value, names: &[&str]) -> Vec<&'v str> {
    match names {
        [] => value.as_str().into_iter().collect(),
        ["*", rest @ ..] => value.as_array().into_iter().flatten().flat_map(|item| found(item, rest)).collect(),
        [name, rest @ ..] => value.get(name).map_or_else(Vec::new, |member| found(member, rest)),
    }
}

/// The body with a number where it has a business-scoped user id: those are newer than Meta's document, which therefore
/// knows no `recipient`.
fn addressed_by_number(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut()
        && members.remove("recipient").is_some()
    {
        members.insert("to".to_owned(), super::TO.into());
    }
    body
}
