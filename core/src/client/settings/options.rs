//! Options of a call, and reading them.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::message::read;
use crate::pace::Priority;

/// Options of one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CallOptions {
    /// The longest time for this call with all its attempts, from the moment that the rate limit lets it go. The client's
    /// `total_timeout` unless given.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("format" = "duration-ms", "x-default" = "the client's `total_timeout`",
            "exclusiveMinimum" = 0))
    )]
    pub timeout_ms: Option<u64>,
    /// The longest time that the message waits for the rate limit. The client's `max_wait` unless given.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("format" = "duration-ms", "x-default" = "the client's `max_wait`"))
    )]
    pub max_wait_ms: Option<u64>,
    /// Which messages go first when the rate limit makes them wait: `urgent`, `normal` (unless given) or `low`.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = "normal")))]
    pub priority: Option<Priority>,
}

impl CallOptions {
    /// Their names: where options stand beside the arguments of a call, they are known there, too.
    pub(crate) const NAMES: &[&str] = &["timeout_ms", "max_wait_ms", "priority"];

    /// Options from JSON, as the language packages give them.
    ///
    /// # Errors
    /// [`Error::Config`] that names the option.
    pub fn from_json(json: &str) -> Result<Self> {
        let options: Self = from_json(json)?;
        check_timeout(options.timeout_ms)?;
        Ok(options)
    }
}

/// A call that may take no time could only be sent without being heard of.
pub(crate) fn check_timeout(timeout_ms: Option<u64>) -> Result<()> {
    if timeout_ms == Some(0) {
        return Err(Error::config("timeout_ms", "must be more than 0"));
    }
    Ok(())
}

/// Settings or options from JSON; the first mistake is told with its name.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(json: &str) -> Result<T> {
    read::parse(json).and_then(|value| read::read(&value)).map_err(|violations| {
        let first = violations.into_iter().next();
        let (setting, message) = first.map(|v| (v.path, v.message)).unwrap_or_default();
        Error::config(setting, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn their_names_are_those_of_the_fields() {
        let error = CallOptions::from_json(r#"{"something_else": 1}"#).unwrap_err().to_string();
        assert!(error.contains(&format!("known are {}", CallOptions::NAMES.join(", "))), "{error}");
    }
}
