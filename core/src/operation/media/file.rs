//! What is uploaded, as calls give it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::message::read::kind_of;
use crate::message::{self, handed_in, ill_made, kind_of_object};

/// A file to upload: its path, or bytes.
///
/// Here text is a path, other than in a message: whoever calls this means to read a file. Never give it text from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct File(pub(super) Result<Arc<message::Upload>, String>);

impl From<message::Upload> for File {
    fn from(upload: message::Upload) -> Self {
        File(Ok(Arc::new(upload)))
    }
}

macro_rules! from {
    ($($type:ty => $make:ident),*) => {$(
        impl From<$type> for File {
            fn from(given: $type) -> Self {
                message::Upload::$make(given).into()
            }
        }
    )*};
}

from!(&str => file, String => file, &Path => file, PathBuf => file, Bytes => bytes, Vec<u8> => bytes);

impl<'de> Deserialize<'de> for File {
    /// Takes anything: what is no file is told when the call is checked.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let named = |name| value.get(name).and_then(Value::as_str);
        Ok(match &value {
            Value::String(path) if path.is_empty() => File(Err("must not be empty: the path of a file".to_owned())),
            Value::String(path) => path.as_str().into(),
            _ => match named("upload") {
                Some(name) => File(handed_in(name).ok_or("is not there any more".to_owned())),
                None if named("link").is_some() => {
                    File(Err("is a link, which Meta fetches by itself: give it to a message".to_owned()))
                }
                None if named("id").is_some() => {
                    File(Err("is the id of something that is uploaded already".to_owned()))
                }
                None => File(Err(ill_made(&value).unwrap_or_else(|| {
                    format!("must be the path of a file, or Media.bytes(data), got {}", kind_of_object(&value))
                }))),
            },
        })
    }
}

/// The path that a value names, or a sentence about what it is instead.
pub(super) fn path_of(value: &Value) -> Result<String, String> {
    if let Value::String(text) = value {
        return match url::Url::parse(text) {
            Ok(url) if url.scheme() == "file" => match url.to_file_path() {
                Ok(path) => Ok(path.to_string_lossy().into_owned()),
                Err(()) => Err(format!("is the address of no file of this machine: {text}")),
            },
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                Err(format!("must be the path of a file of this machine, got an address: {text}"))
            }
            _ => Ok(text.clone()),
        };
    }
    match value.get("upload").and_then(Value::as_str).and_then(handed_in).map(|upload| upload.source.clone()) {
        Some(message::UploadSource::File(path)) => Ok(path.to_string_lossy().into_owned()),
        _ => Err(format!("must be the path of a file, got {}", kind_of(value))),
    }
}

/// The path of a file, in the languages' own types.
#[cfg(feature = "manifest")]
pub(super) struct FilePath;

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for FilePath {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FilePath".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"description": "The path of a file: text, or what the language has for paths (`Path` in Python, a `file://` URL in Node, `SplFileInfo` in PHP).", "type": "object", "properties": {}})
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for File {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MediaFile".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        // The language packages have a type of their own for it.
        schemars::json_schema!({
            "description": "A file to upload: its path, bytes, or something to read bytes from.",
            "type": "object",
            "properties": {},
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_is_text_an_address_of_this_machine_or_what_stands_for_one() {
        let held = message::hand_in(message::Upload::file("/tmp/c d.png"));
        for (value, expected) in [
            (json!("photo.png"), Ok("photo.png")),
            (json!("C:\\photo.png"), Ok("C:\\photo.png")),
            (json!("file:///tmp/a%20b.png"), Ok("/tmp/a b.png")),
            (json!({"upload": held, "$unsupported": "path"}), Ok("/tmp/c d.png")),
            (
                json!("https://example.com/a.png"),
                Err("must be the path of a file of this machine, got an address: https://example.com/a.png"),
            ),
            (json!(5), Err("must be the path of a file, got the number 5")),
            (json!({"upload": "/etc/passwd"}), Err("must be the path of a file, got an object")),
        ] {
            let got = path_of(&value);
            assert_eq!(got.as_deref().map_err(String::as_str), expected, "{value}");
        }
    }
}
