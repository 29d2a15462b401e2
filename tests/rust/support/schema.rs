//! Meta's own description of a request, closed against misspelt members, where a copy lies beside the checkout.

use jsonschema::Validator;
use serde_json::Value;

use super::beside;

/// Checks bodies of `POST /{phone-number-id}/messages`.
pub(crate) struct Schema(Validator);

impl Schema {
    /// The schema, or a line on the screen that says it is skipped.
    pub(crate) fn load() -> Option<Self> {
        let text = std::fs::read_to_string(beside("meta/message-request.strict.schema.json")?).unwrap();
        Some(Schema(jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()))
    }

    /// What the schema says against a body.
    pub(crate) fn complaints(&self, body: &Value) -> Vec<String> {
        let body = addressed_by_number(body);
        self.0.iter_errors(&body).map(|error| format!("schema: {}: {error}", error.instance_path())).collect()
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
