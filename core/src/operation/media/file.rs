//! What is uploaded, as calls give it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::message::read::{UNSUPPORTED, kind_of};
use crate::message::{self, handed_in};

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
        let named = |name| value.as_object().filter(|o| o.len() == 1)?.get(name)?.as_str();
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
                None => File(Err(format!("must be the path of a file, or bytes, got {}", what(&value)))),
            },
        })
    }
}

fn what(value: &Value) -> String {
    match value {
        Value::Object(members) if !members.contains_key(UNSUPPORTED) => "an object".to_owned(),
        other => kind_of(other),
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
