//! The access token.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

use crate::error::{Error, Result};

/// An access token. Its `Debug` shows nothing, and its memory, which clones share, is wiped when the last of them goes.
#[derive(Clone)]
pub struct Secret(Arc<SecretString>);

impl Secret {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Secret(Arc::new(SecretString::from(token.into())))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for Secret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "secret"})
    }
}

/// A token must survive a header; anything else in it is a copying mistake, and the header's own error would show it.
pub(in crate::client) fn check_token(token: &Secret) -> Result<()> {
    let token = token.expose();
    if token.is_empty() {
        return Err(Error::config("access_token", "is empty"));
    }
    if token.bytes().any(|b| !(0x21..0x7f).contains(&b)) {
        return Err(Error::config("access_token", "has a space, a line break or another character that no token has"));
    }
    Ok(())
}
