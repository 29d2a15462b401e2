//! Arguments that nobody should read in a log.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A pin, a code or a password. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "manifest", schemars(inline))]
#[serde(transparent)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

impl From<&str> for Hidden {
    fn from(text: &str) -> Self {
        Hidden(text.to_owned())
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Hidden(text)
    }
}

impl From<Hidden> for Value {
    fn from(hidden: Hidden) -> Self {
        Value::String(hidden.0)
    }
}
