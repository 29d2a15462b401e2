//! The texts that cross.

use wacloud::Error;

/// The one event there is so far: the call needs an access token.
pub(crate) const TOKEN_EVENT: &str = r#"{"event":{"kind":"token"}}"#;

/// Nothing more will come.
pub(crate) const DONE: &str = r#"{"done":true}"#;

/// `json` must be JSON already.
pub(crate) fn ok(json: &str) -> String {
    format!(r#"{{"ok":{json}}}"#)
}

pub(crate) fn error(error: &Error) -> String {
    error_data(&error.to_json())
}

/// `data` must be the JSON of an error already.
pub(crate) fn error_data(data: &str) -> String {
    format!(r#"{{"error":{data}}}"#)
}

/// `results` must each be JSON already.
pub(crate) fn results(results: &[String], room: usize) -> String {
    format!(r#"{{"results":[{}],"room":{room}}}"#, results.join(","))
}
