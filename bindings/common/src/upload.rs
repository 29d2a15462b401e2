//! Files and bytes that a host gives to messages. They stay here, under names that JSON can hold: a path in JSON could come
//! from anywhere, and bytes would be carried along with every message that they are in.

use serde::Deserialize;
use wacloud::Error;
use wacloud::message::{Upload, take_back};

use crate::envelope;
use crate::fence::fenced;

/// What a host says of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    /// Where it is; bytes come without.
    path: Option<String>,
    filename: Option<String>,
    mime_type: Option<String>,
}

/// Keeps a file, or bytes, until [`let_go`]: `{"ok": name}`.
pub fn hold(description_json: &str, bytes: Option<Vec<u8>>) -> String {
    let held = fenced(false, || {
        let refused = |message: String| Error::Config { setting: "media".into(), message };
        let described: Description =
            serde_json::from_str(description_json).map_err(|error| refused(error.to_string()))?;
        let Description { path, filename, mime_type } = described;
        let mut upload = match (path, bytes) {
            (Some(path), None) => Upload::file(path),
            (None, Some(bytes)) => Upload::bytes(bytes),
            _ => return Err(refused("is either a path or bytes".to_owned())),
        };
        (upload.filename, upload.mime_type) = (filename, mime_type);
        Ok(wacloud::hold(upload))
    });
    match held.and_then(|held| held) {
        Ok(name) => envelope::ok(&format!("{name:?}")),
        Err(error) => envelope::error(&error),
    }
}

/// Forgets what [`hold`] keeps. Calls that were begun with it keep it to their end.
pub fn let_go(name: &str) {
    let _ = fenced(false, || take_back(name));
}

#[cfg(test)]
mod tests {
    use wacloud::Pinned;

    use super::*;

    #[test]
    fn arguments_keep_what_they_name() {
        let held = hold(r#"{"path": "/tmp/a.pdf"}"#, None);
        let name = held.trim_start_matches(r#"{"ok":""#).trim_end_matches(r#""}"#).to_owned();
        let arguments =
            format!(r#"{{"to": "+15550001234", "image": {{"upload": "{name}"}}, "caption": "\"upload\""}}"#);
        let pinned = Pinned::new(&arguments);
        let_go(&name);
        let payload = |arguments: &str| wacloud::registry::payload("send_image", arguments);
        assert!(payload(pinned.arguments()).unwrap().contains(r#""file":"/tmp/a.pdf""#));
        let arguments = pinned.arguments().to_owned();
        drop(pinned);
        assert!(payload(&arguments).is_err(), "they keep it to their end");
    }

    #[test]
    fn what_is_neither_a_path_nor_bytes_is_refused() {
        for (description, bytes) in [("{}", None), (r#"{"path": "a"}"#, Some(vec![1])), (r#"{"url": "a"}"#, None)] {
            assert!(hold(description, bytes).contains("ConfigError"), "{description}");
        }
    }
}
