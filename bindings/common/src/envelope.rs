//! The texts that cross.

use wacloud::bulk::BulkProgress;
use wacloud::{Error, UploadProgress};

/// The one event there is so far: the call needs an access token.
pub(crate) const TOKEN_EVENT: &str = r#"{"event":{"kind":"token"}}"#;

/// Nothing but the log events that are added to it.
pub(crate) const NOTHING: &str = "{}";

/// Nothing more will come.
pub(crate) const DONE: &str = r#"{"done":true}"#;

/// `json` must be JSON already.
pub(crate) fn ok(json: &str) -> String {
    format!(r#"{{"ok":{json}}}"#)
}

/// The same of a call whose bytes wait beside it.
pub(crate) fn ok_with_bytes(json: &str) -> String {
    format!(r#"{{"ok":{json},"bytes":true}}"#)
}

/// The same around a text that may have room for it.
pub(crate) fn ok_in_place(mut json: String) -> String {
    json.insert_str(0, r#"{"ok":"#);
    json.push('}');
    json
}

/// How far an upload is.
pub(crate) fn progress(progress: UploadProgress) -> String {
    serde_json::to_string(&progress).map(|progress| format!(r#"{{"progress":{progress}}}"#)).unwrap_or(NOTHING.into())
}

pub(crate) fn error(error: &Error) -> String {
    error_data(&error.to_json())
}

/// The envelope with log events, which must each be JSON already.
pub(crate) fn with_log(envelope: &str, events: &[String]) -> String {
    let members = envelope.strip_prefix('{').unwrap_or(envelope);
    let comma = if members == "}" { "" } else { "," };
    format!(r#"{{"log":[{}]{comma}{members}"#, events.join(","))
}

/// `data` must be the JSON of an error already.
pub(crate) fn error_data(data: &str) -> String {
    format!(r#"{{"error":{data}}}"#)
}

/// The end of a bulk that stopped by itself: the refusal that stopped it, which says so.
pub(crate) fn stopped(refusal: &Error) -> String {
    let mut data = refusal.to_value();
    data["message"] =
        format!("The bulk stopped by itself, because every further message would be refused, too. {refusal}").into();
    error_data(&data.to_string())
}

/// `results` must each be JSON already.
pub(crate) fn results(results: &[String], room: usize, is_stopped: bool, progress: Option<&BulkProgress>) -> String {
    let stopped = if is_stopped { r#","stopped":true"# } else { "" };
    let progress = progress.and_then(|progress| serde_json::to_string(progress).ok());
    let progress = progress.map(|progress| format!(r#","progress":{progress}"#)).unwrap_or_default();
    format!(r#"{{"results":[{}],"room":{room}{stopped}{progress}}}"#, results.join(","))
}
