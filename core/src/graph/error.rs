//! The error object of the Graph API, read with every patience: nothing about an error may fail while it is built.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// An error as Meta answered it. What this type has no name for stays in [`GraphError::extra`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GraphError {
    /// The only stable key (Meta's page on error codes); absent in answers that are no Graph answers.
    pub code: Option<i64>,
    /// More about some codes (tokens, templates).
    pub subcode: Option<i64>,
    /// `(#130429) Rate limit hit`: for people, not for programs.
    pub message: String,
    /// `OAuthException`, `GraphMethodException`, …: says little.
    pub kind: Option<String>,
    /// The best text for people, from `error_data.details`.
    pub details: Option<String>,
    /// What Meta's support asks for.
    pub fbtrace_id: Option<String>,
    /// Meta's own guess whether trying again helps; absent does not mean no.
    pub is_transient: Option<bool>,
    /// A localised heading, mostly of template errors.
    pub user_title: Option<String>,
    /// A localised text, mostly of template errors.
    pub user_message: Option<String>,
    /// Every member of the error object that has no field above, as it came.
    pub extra: Map<String, Value>,
}

impl GraphError {
    /// Reads an answer's body. `None` when it holds no error object at all (HTML, nothing, other JSON).
    pub fn from_body(body: &[u8]) -> Option<Self> {
        // Most answers are no errors; to find that out by reading all of one costs more than what it is read for.
        if !std::str::from_utf8(body).is_ok_and(|text| text.contains(r#""error""#)) {
            return None;
        }
        let Value::Object(mut body) = serde_json::from_slice(body).ok()? else { return None };
        match body.remove("error")? {
            Value::Object(error) => Some(GraphError::from_object(error)),
            Value::String(message) => Some(GraphError { message, ..GraphError::default() }),
            _ => None,
        }
    }

    /// Whether a body has an error and nothing beside it that could be an answer, as all that Meta gives (the schema of its
    /// errors, and all that were recorded).
    pub(crate) fn is_all_of(body: &[u8]) -> bool {
        let body: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
        body.is_some_and(|body| body.len() == 1 && body.get("error").is_some_and(Value::is_object))
    }

    /// Whether a body may have held an error that cannot be read: it begins as JSON does, and is none.
    pub(crate) fn may_be_lost_in(body: &[u8]) -> bool {
        body.trim_ascii_start().first() == Some(&b'{') && serde_json::from_slice::<IgnoredAny>(body).is_err()
    }

    /// Whether it is about the object in the path, which is not there for this token, and about nothing in the request. Graph
    /// has the code and its subcode for other things as well; all recorded answers of this kind are of this type.
    pub(crate) fn is_of_the_path(&self) -> bool {
        (self.code, self.subcode) == (Some(100), Some(33)) && self.kind.as_deref() == Some("GraphMethodException")
    }

    /// Reads an error object.
    pub(crate) fn from_object(mut error: Map<String, Value>) -> Self {
        // A member of an unexpected type stays in `extra` instead of being lost.
        let text = |error: &mut Map<String, Value>, name: &str| match error.get(name) {
            Some(Value::String(_)) => match error.remove(name) {
                Some(Value::String(text)) => Some(text),
                _ => None,
            },
            _ => None,
        };
        let number = |error: &mut Map<String, Value>, name: &str| {
            let number = match error.get(name)? {
                Value::Number(number) => number.as_i64(),
                Value::String(digits) => digits.parse().ok(),
                _ => None,
            };
            if number.is_some() {
                error.remove(name);
            }
            number
        };
        let is_transient = error.get("is_transient").and_then(Value::as_bool);
        if is_transient.is_some() {
            error.remove("is_transient");
        }
        GraphError {
            code: number(&mut error, "code"),
            subcode: number(&mut error, "error_subcode"),
            message: text(&mut error, "message").unwrap_or_default(),
            kind: text(&mut error, "type"),
            details: details(&mut error),
            fbtrace_id: text(&mut error, "fbtrace_id"),
            is_transient,
            user_title: text(&mut error, "error_user_title"),
            user_message: text(&mut error, "error_user_msg"),
            extra: error,
        }
    }

    /// The error object again, with everything that came.
    pub fn to_value(&self) -> Value {
        let mut error = self.extra.clone();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                error.insert(name.to_owned(), value);
            }
        };
        put("code", self.code.map(Value::from));
        put("error_subcode", self.subcode.map(Value::from));
        put("message", Some(self.message.as_str()).filter(|m| !m.is_empty()).map(Value::from));
        put("type", self.kind.clone().map(Value::from));
        put("fbtrace_id", self.fbtrace_id.clone().map(Value::from));
        put("is_transient", self.is_transient.map(Value::from));
        put("error_user_title", self.user_title.clone().map(Value::from));
        put("error_user_msg", self.user_message.clone().map(Value::from));
        Value::Object(error)
    }
}

/// `error_data.details`, or `error_data` itself where it is text. `error_data` stays in the error object: it holds more.
fn details(error: &mut Map<String, Value>) -> Option<String> {
    match error.get("error_data")? {
        Value::String(text) => Some(text.clone()),
        Value::Object(data) => data.get("details").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_meta_sends_and_loses_nothing() {
        let body = br#"{"error":{"message":"(#131056) x","type":"OAuthException","code":131056,"error_subcode":2494055,
            "error_data":{"messaging_product":"whatsapp","details":"Too many"},"fbtrace_id":"A1","new":[1]}}"#;
        let error = GraphError::from_body(body).unwrap();
        assert_eq!((error.code, error.subcode), (Some(131_056), Some(2_494_055)));
        assert_eq!(error.details.as_deref(), Some("Too many"));
        let given: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(error.to_value(), given["error"]);
    }

    #[test]
    fn an_error_is_all_that_there_is_or_may_be_lost() {
        let alone = br#"{"error":{"code":190}}"#;
        assert!(GraphError::is_all_of(alone) && !GraphError::may_be_lost_in(alone));
        for (body, may_be_lost) in [
            (r#"{"error":{"code":190},"messages":[{"id":"wamid.A"}]}"#, false),
            (r#"{"error":"no"}"#, false),
            ("{}", false),
            ("", false),
            ("<html>", false),
            (r#" {"error":{"code":13"#, true),
        ] {
            assert!(!GraphError::is_all_of(body.as_bytes()), "{body}");
            assert_eq!(GraphError::may_be_lost_in(body.as_bytes()), may_be_lost, "{body}");
        }
    }

    #[test]
    fn never_fails_on_what_is_odd() {
        for body in ["", "<html>", "[]", "{}", "{\"error\":5}", "{\"error\":{\"code\":\"x\"}}", "{\"error\":\"text\"}"]
        {
            let _ = GraphError::from_body(body.as_bytes());
        }
        let odd = GraphError::from_body(br#"{"error":{"code":"190","message":7,"error_data":"why"}}"#).unwrap();
        assert_eq!(odd.code, Some(190));
        assert_eq!(odd.details.as_deref(), Some("why"));
        assert_eq!(odd.extra["message"], 7);
    }
}
