//! Settings of a client and options of a call.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use url::Url;

use super::pacing::{PaceStore, Pacing, Rate};
use super::version;
use crate::error::{Error, Result};
use crate::message::read;
use crate::pace::Priority;

/// Meta's API.
const META: &str = "https://graph.facebook.com";

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
    /// The version of the Graph API. Meta answers older ones with the oldest that still lives. `v25.0` unless given.
    pub api_version: Option<String>,
    /// Where the API is. Meta's (`https://graph.facebook.com`) unless given; a sandbox's URL in tests. Plain `http://` is
    /// refused except to this machine.
    pub base_url: Option<String>,
    /// Messages a second that the number may send. 80 unless given, which is what Meta allows a new number; `auto` to ask
    /// Meta (an upgraded number may send 1,000); 20 for a number that the WhatsApp Business app uses as well; 0 for no
    /// limit. Where the number may send less than this, wacloud finds that out by being refused.
    pub rate: Option<Rate>,
    /// Messages a second that one recipient may get, with 45 at once after a while without any. One in six seconds (0.1667)
    /// unless given, which is Meta's limit; 0 for no limit.
    pub pair_rate: Option<f64>,
    /// Who keeps the limits together: `host` (unless given), all processes of this user on this machine; `process`, this one
    /// alone; or the address of a Redis or Valkey server, `redis://:password@host:6379/0` or `rediss://…` (TLS), everybody
    /// who names it.
    pub pace: Option<PaceStore>,
    /// The directory in which the processes of this machine keep the pace together: an absolute path. Derived from the user's
    /// id unless given. Containers that share a number can share such a directory instead of a server.
    pub pace_dir: Option<String>,
    /// How often a request that certainly was not carried out is tried again after a failed connection. 3 unless given, at
    /// most 10. Waits for the rate limit do not count.
    pub max_retries: Option<u32>,
    /// What to do when it is not known whether a message was accepted: `raise` (unless given) or `resend`, which delivers
    /// some messages twice.
    pub on_unknown: Option<OnUnknown>,
    /// The longest time to connect. 5 seconds unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("format" = "duration-ms")))]
    pub connect_timeout_ms: Option<u64>,
    /// The longest time for one request and its answer. 30 seconds unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("format" = "duration-ms")))]
    pub attempt_timeout_ms: Option<u64>,
    /// The longest time for a call with all its attempts, from the moment that the rate limit lets it go. 120 seconds
    /// unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("format" = "duration-ms")))]
    pub total_timeout_ms: Option<u64>,
    /// The longest time that a message waits for the rate limit. 60 seconds unless given; a bulk waits as long as it takes.
    #[cfg_attr(feature = "manifest", schemars(extend("format" = "duration-ms")))]
    pub max_wait_ms: Option<u64>,
    /// A proxy (`http://user:password@host:port`). The environment's (`HTTPS_PROXY`, `NO_PROXY`) unless given.
    pub proxy: Option<String>,
    /// A file of PEM certificates to trust beside the machine's own and Mozilla's.
    pub ca_bundle: Option<String>,
    /// The version of HTTP: `1.1` unless given, or `2`.
    pub http_version: Option<HttpVersion>,
    /// Goes before wacloud's own name in the `User-Agent` header.
    pub user_agent: Option<String>,
    /// Whether log events say who a message goes to and what it says. No unless given: then neither a phone number nor a
    /// text is logged.
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
            api_version: None,
            base_url: None,
            rate: None,
            pair_rate: None,
            pace: None,
            pace_dir: None,
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
            log_content: None,
        }
    }

    /// `WA_PHONE_ID` and `WA_TOKEN`, and `WA_BASE_URL` and `WA_API_VERSION` where they are set.
    ///
    /// # Errors
    /// [`Error::Config`] that names the variable that is missing.
    pub fn from_env() -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let required =
            |name: &str| variable(name).ok_or_else(|| Error::config(name, "the environment variable is not set"));
        let mut settings = Settings::new(required("WA_PHONE_ID")?, required("WA_TOKEN")?);
        settings.base_url = variable("WA_BASE_URL");
        settings.api_version = variable("WA_API_VERSION");
        Ok(settings)
    }

    /// Settings from JSON, as the language packages give them.
    ///
    /// # Errors
    /// [`Error::Config`] that names the setting.
    pub fn from_json(json: &str) -> Result<Self> {
        from_json(json)
    }

    /// The settings with every default filled in.
    pub(super) fn resolve(self) -> Result<Resolved> {
        let id = self.phone_number_id.trim();
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::config(
                "phone_number_id",
                "must be the id of the number from Meta's dashboard (API setup), all digits: not the phone number itself",
            ));
        }
        let phone_number_id = id.to_owned();
        if let Some(token) = &self.access_token {
            check_token(token)?;
        } else if self.token_callback != Some(true) {
            return Err(Error::config("access_token", "is missing"));
        }
        let api_version = self.api_version.unwrap_or_else(|| version::DEFAULT.to_owned());
        version::check(&api_version)?;
        let base_url = base_url(self.base_url.as_deref().unwrap_or(META))?;
        let ca_bundle = self.ca_bundle.as_deref();
        let pacing = Pacing::new(self.rate, self.pair_rate, self.pace, self.pace_dir, ca_bundle)?;
        let max_retries = self.max_retries.unwrap_or(3);
        if max_retries > 10 {
            return Err(Error::config("max_retries", "must be at most 10"));
        }
        let user_agent = match self.user_agent {
            Some(own) if own.bytes().any(|b| !(0x20..0x7f).contains(&b)) => {
                return Err(Error::config("user_agent", "must be printable ASCII"));
            }
            Some(own) => format!("{own} {OWN_USER_AGENT}"),
            None => OWN_USER_AGENT.to_owned(),
        };
        let duration = |name: &str, given: Option<u64>, default: u64| match given.unwrap_or(default) {
            0 => Err(Error::config(name, "must be more than 0")),
            ms => Ok(std::time::Duration::from_millis(ms)),
        };
        Ok(Resolved {
            phone_number_id,
            access_token: self.access_token,
            api_version,
            pacing,
            max_retries,
            on_unknown: self.on_unknown.unwrap_or_default(),
            attempt_timeout: duration("attempt_timeout_ms", self.attempt_timeout_ms, 30_000)?,
            total_timeout: duration("total_timeout_ms", self.total_timeout_ms, 120_000)?,
            max_wait: std::time::Duration::from_millis(self.max_wait_ms.unwrap_or(60_000)),
            log_content: self.log_content.unwrap_or_default(),
            link: Link {
                base_url,
                connect_timeout: duration("connect_timeout_ms", self.connect_timeout_ms, 5_000)?,
                proxy: self.proxy.map(proxy).transpose()?,
                ca_bundle: self.ca_bundle,
                http_version: self.http_version.unwrap_or_default(),
                user_agent,
            },
        })
    }
}

const OWN_USER_AGENT: &str = concat!("wacloud/", env!("CARGO_PKG_VERSION"));

/// Settings with defaults filled in and checked.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    pub(super) phone_number_id: String,
    pub(super) access_token: Option<Secret>,
    pub(super) api_version: String,
    pub(super) pacing: Pacing,
    pub(super) max_retries: u32,
    pub(super) on_unknown: OnUnknown,
    pub(super) attempt_timeout: std::time::Duration,
    pub(super) total_timeout: std::time::Duration,
    pub(super) max_wait: std::time::Duration,
    pub(super) log_content: bool,
    pub(super) link: Link,
}

/// What connections depend on: clients with the same link share a pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Link {
    /// Without a slash at its end.
    pub(super) base_url: String,
    pub(super) connect_timeout: std::time::Duration,
    pub(super) proxy: Option<String>,
    pub(super) ca_bundle: Option<String>,
    pub(super) http_version: HttpVersion,
    pub(super) user_agent: String,
}

impl std::hash::Hash for HttpVersion {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
    }
}

/// A token must survive a header; anything else in it is a copying mistake, and the header's own error would show it.
pub(super) fn check_token(token: &Secret) -> Result<()> {
    let token = token.expose();
    if token.is_empty() {
        return Err(Error::config("access_token", "is empty"));
    }
    if token.bytes().any(|b| !(0x21..0x7f).contains(&b)) {
        return Err(Error::config("access_token", "has a space, a line break or another character that no token has"));
    }
    Ok(())
}

/// The URL without a slash at its end. Plain HTTP would show the token to everybody on the way.
fn base_url(given: &str) -> Result<String> {
    let refuse = |message: &str| Err(Error::config("base_url", message));
    let Ok(url) = Url::parse(given) else {
        return refuse("must be a URL such as https://graph.facebook.com");
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return refuse("is plain http://, which would show the token on the way; it is taken to this machine only");
        }
        _ => return refuse("must begin with https://, or with http:// for a sandbox on this machine"),
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return refuse("must be only scheme, host, port and path");
    }
    let url = url.as_str().trim_end_matches('/');
    if url.rsplit('/').next().is_some_and(|last| version::check(last).is_ok()) {
        return refuse("ends with a version: leave it out, api_version adds it");
    }
    Ok(url.to_owned())
}

/// A proxy's URL, which may hold a password: errors do not show it.
fn proxy(given: String) -> Result<String> {
    let fine = Url::parse(&given).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if fine { Ok(given) } else { Err(Error::config("proxy", "must be a URL such as http://user:password@host:3128")) }
}

/// Whether a URL stays on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Options of one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CallOptions {
    /// The longest time for this call with all its attempts, from the moment that the rate limit lets it go. The client's
    /// `total_timeout` unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("format" = "duration-ms")))]
    pub timeout_ms: Option<u64>,
    /// The longest time that the message waits for the rate limit. The client's `max_wait` unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("format" = "duration-ms")))]
    pub max_wait_ms: Option<u64>,
    /// Which messages go first when the rate limit makes them wait: `urgent`, `normal` (unless given) or `low`.
    pub priority: Option<Priority>,
}

impl CallOptions {
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
        assert_eq!(setting_at_fault(|s| s.access_token = Some(Secret::new("EAAG\n"))), "access_token");
        assert_eq!(setting_at_fault(|s| s.access_token = None), "access_token");
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
    fn plain_http_stays_on_this_machine() {
        for fine in ["http://localhost:8025", "http://127.0.0.1:1/", "http://[::1]:1", "https://example.com/graph/"] {
            assert!(base_url(fine).is_ok(), "{fine}");
        }
        for refused in [
            "http://10.0.0.1",
            "http://localhost.example.com",
            "ftp://localhost",
            "graph.facebook.com",
            "https://u:p@a.b",
            "http://localhost:8025/v25.0",
        ] {
            assert!(base_url(refused).is_err(), "{refused}");
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
