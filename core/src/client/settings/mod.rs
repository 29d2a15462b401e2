//! Settings of a client and options of a call.

mod environment;
mod numbers;
mod options;
mod resolved;
mod secret;

use std::fmt;

use serde::Deserialize;

#[cfg(feature = "manifest")]
use super::pacing;
use super::pacing::{PaceStore, Rate};
#[cfg(feature = "manifest")]
use super::version;
use crate::error::Result;

pub use options::CallOptions;
pub(crate) use options::{check_timeout, from_json};
pub(super) use resolved::{Link, Resolved, is_loopback};
pub use secret::Secret;
pub(super) use secret::check_token;

/// What to do when it is not known whether a message was accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnUnknown {
    /// Tell: the caller gets `DeliveryUnknownError`.
    #[default]
    Raise,
    /// Send it again, at least once: some people will get it twice.
    Resend,
}

/// The version of HTTP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub enum HttpVersion {
    /// One request at a time on a connection, so that a lost connection leaves one message unknown.
    #[default]
    #[serde(rename = "1.1")]
    Http1,
    /// Many requests at a time on a connection: fewer connections, and a lost one leaves all its messages unknown.
    #[serde(rename = "2")]
    Http2,
}

impl std::hash::Hash for HttpVersion {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
    }
}

/// The settings of a client.
#[derive(Clone, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The id of the number that messages are sent from: digits, from Meta's dashboard. It is not the number itself.
    pub phone_number_id: String,
    /// The access token, with the permission `whatsapp_business_messaging`; or a function that returns it, called when it
    /// is needed, so that it may change.
    pub access_token: Option<Secret>,
    /// Whether the token comes from a function.
    #[cfg_attr(feature = "manifest", schemars(skip))]
    pub token_callback: Option<bool>,
    /// The id of the WhatsApp Business Account that the number belongs to: digits, from Meta's dashboard (API setup), which
    /// shows it beside the id of the number. Needed by what belongs to the account, such as its templates and its list of
    /// numbers; messages need none.
    #[cfg_attr(feature = "manifest", schemars(extend("x-default" = "none: calls about the account are refused")))]
    pub business_account_id: Option<String>,
    /// The version of the Graph API. Meta answers older ones with the oldest that still lives. `v25.0` unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = version::DEFAULT)))]
    pub api_version: Option<String>,
    /// Where the API is. Meta's (`https://graph.facebook.com`) unless given; a sandbox's URL in tests. Plain `http://` is
    /// refused except to this machine.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = numbers::BASE_URL)))]
    pub base_url: Option<String>,
    /// Messages a second that the number may send. 80 unless given, which is what Meta allows a new number; `auto` to ask
    /// Meta (an upgraded number may send 1,000); 20 for a number that the WhatsApp Business app uses as well; 0 for no
    /// limit. Where the number may send less than this, wacloud finds that out by being refused.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("default" = pacing::STANDARD, "minimum" = 0, "maximum" = pacing::MOST,
            "x-unit" = "messages a second"))
    )]
    pub rate: Option<Rate>,
    /// Messages a second that one recipient may get, with 45 at once after a while without any. One in six seconds (0.1667)
    /// unless given, which is Meta's limit; 0 for no limit.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("default" = pacing::PAIR, "minimum" = 0, "maximum" = pacing::MOST,
            "x-unit" = "messages a second"))
    )]
    pub pair_rate: Option<f64>,
    /// Who keeps the limits together: `host` (unless given), all processes of this user on this machine; `process`, this one
    /// alone; or the address of a Redis or Valkey server, `redis://:password@host:6379/0` or `rediss://…` (TLS), everybody
    /// who names it.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = "host")))]
    pub pace: Option<PaceStore>,
    /// The directory in which the processes of this machine keep the pace together: an absolute path. Derived from the user's
    /// id unless given. Containers that share a number can share such a directory instead of a server. Refused with the
    /// pace `process`, which would not look at it.
    #[cfg_attr(feature = "manifest", schemars(extend("x-default" = "derived from the user's id")))]
    pub pace_dir: Option<String>,
    /// The path of a file in which processes of this machine share what they have uploaded, so that a file which is sent goes
    /// up once in 29 days and not once for each process. In this process's memory unless given.
    pub media_cache: Option<String>,
    /// How often a request that certainly was not carried out is tried again after a failed connection. 3 unless given, at
    /// most 10. Waits for the rate limit do not count.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("default" = numbers::MAX_RETRIES, "maximum" = numbers::MOST_RETRIES))
    )]
    pub max_retries: Option<u32>,
    /// What to do when it is not known whether a message was accepted: `raise` (unless given) or `resend`, which delivers
    /// some messages twice.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = "raise")))]
    pub on_unknown: Option<OnUnknown>,
    /// The longest time to connect. 5 seconds unless given.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("format" = "duration-ms", "default" = numbers::CONNECT_TIMEOUT_MS, "exclusiveMinimum" = 0))
    )]
    pub connect_timeout_ms: Option<u64>,
    /// The longest time for one request and its answer. 30 seconds unless given.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("format" = "duration-ms", "default" = numbers::ATTEMPT_TIMEOUT_MS, "exclusiveMinimum" = 0))
    )]
    pub attempt_timeout_ms: Option<u64>,
    /// The longest time for a call with all its attempts, from the moment that the rate limit lets it go. 120 seconds
    /// unless given.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("format" = "duration-ms", "default" = numbers::TOTAL_TIMEOUT_MS, "exclusiveMinimum" = 0))
    )]
    pub total_timeout_ms: Option<u64>,
    /// The longest time that a message waits for the rate limit. 60 seconds unless given; a bulk waits as long as it takes.
    #[cfg_attr(feature = "manifest", schemars(extend("format" = "duration-ms", "default" = numbers::MAX_WAIT_MS)))]
    pub max_wait_ms: Option<u64>,
    /// A proxy (`http://user:password@host:port`). The environment's (`HTTPS_PROXY`, `NO_PROXY`) unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("x-default" = "the environment's")))]
    pub proxy: Option<String>,
    /// A file of PEM certificates to trust beside the machine's own and Mozilla's.
    pub ca_bundle: Option<String>,
    /// The version of HTTP: `1.1` unless given, or `2`.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = "1.1")))]
    pub http_version: Option<HttpVersion>,
    /// Goes before wacloud's own name in the `User-Agent` header.
    pub user_agent: Option<String>,
    /// Whether a template message is held to the template's definition before it goes: wrong or missing values, a header of
    /// another kind, a language that there is not. The definition is fetched once, needs `business_account_id`, and is never
    /// waited for longer than two seconds: what cannot be fetched is not checked. Yes unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = true)))]
    pub check_templates: Option<bool>,
    /// Whether log events say who a message goes to and what it says. No unless given: then neither a phone number nor a
    /// text is logged.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = false)))]
    pub log_content: Option<bool>,
}

impl fmt::Debug for Settings {
    /// Shows what tells clients apart. Token and proxy hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("phone_number_id", &self.phone_number_id)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The default settings of a number.
    pub fn new(phone_number_id: impl Into<String>, access_token: impl Into<String>) -> Self {
        Settings {
            phone_number_id: phone_number_id.into(),
            access_token: Some(Secret::new(access_token)),
            token_callback: None,
            business_account_id: None,
            api_version: None,
            base_url: None,
            rate: None,
            pair_rate: None,
            pace: None,
            pace_dir: None,
            media_cache: None,
            max_retries: None,
            on_unknown: None,
            connect_timeout_ms: None,
            attempt_timeout_ms: None,
            total_timeout_ms: None,
            max_wait_ms: None,
            proxy: None,
            ca_bundle: None,
            http_version: None,
            user_agent: None,
            check_templates: None,
            log_content: None,
        }
    }

    /// Settings from JSON, as the language packages give them.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) that names the setting.
    pub fn from_json(json: &str) -> Result<Self> {
        from_json(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn setting_at_fault(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = Settings::new("106540352242922", "EAAG");
        change(&mut settings);
        match settings.resolve() {
            Err(Error::Config { setting, .. }) => setting,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn mistakes_name_the_setting() {
        assert_eq!(setting_at_fault(|s| s.phone_number_id = "+15550001234".into()), "phone_number_id");
        assert_eq!(setting_at_fault(|s| s.business_account_id = Some("my shop".into())), "business_account_id");
        assert_eq!(setting_at_fault(|s| s.access_token = Some(Secret::new("EAAG\n"))), "access_token");
        assert_eq!(setting_at_fault(|s| s.access_token = None), "access_token");
        assert_eq!(setting_at_fault(|s| s.access_token = Some(Secret::new("sandbox-token"))), "access_token");
        assert_eq!(setting_at_fault(|s| s.base_url = Some("http://graph.facebook.com".into())), "base_url");
        assert_eq!(setting_at_fault(|s| s.api_version = Some("25".into())), "api_version");
        assert_eq!(setting_at_fault(|s| s.rate = Some((-1.0).into())), "rate");
        assert_eq!(setting_at_fault(|s| s.proxy = Some("proxy:3128".into())), "proxy");
        assert!(matches!(CallOptions::from_json(r#"{"timeout_ms": 0}"#), Err(Error::Config { .. })));
        assert_eq!(setting_at_fault(|s| s.attempt_timeout_ms = Some(0)), "attempt_timeout_ms");
        match Settings::from_json(r#"{"phone_number_id":"1","access_token":"t","rat":5}"#) {
            Err(Error::Config { setting, .. }) => assert_eq!(setting, "rat"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_token_is_never_shown() {
        let mut settings = Settings::new("1", "EAAG-very-secret");
        assert!(!format!("{settings:?} {:?}", settings.clone().resolve()).contains("very-secret"));
        settings.proxy = Some("http://ana:very-secret@proxy.example:3128".into());
        assert!(!format!("{settings:?}").contains("very-secret"));
    }
}
