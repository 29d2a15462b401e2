//! Settings with every default filled in, and checked.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::{HttpVersion, OnUnknown, Secret, Settings, check_token, numbers};
use crate::client::pacing::Pacing;
use crate::client::version;
use crate::error::{Error, Result};

const OWN_USER_AGENT: &str = concat!("wacloud/", env!("CARGO_PKG_VERSION"));

/// The token that a sandbox lets in unless told another one. Meta would answer with error 190, about a session.
const SANDBOX_TOKEN: &str = "sandbox-token";

/// Settings with defaults filled in and checked.
#[derive(Debug, Clone)]
pub(in crate::client) struct Resolved {
    pub(in crate::client) phone_number_id: String,
    pub(in crate::client) business_account_id: Option<String>,
    pub(in crate::client) access_token: Option<Secret>,
    pub(in crate::client) api_version: String,
    pub(in crate::client) pacing: Pacing,
    pub(in crate::client) media_cache: Option<PathBuf>,
    pub(in crate::client) max_retries: u32,
    pub(in crate::client) on_unknown: OnUnknown,
    pub(in crate::client) attempt_timeout: Duration,
    pub(in crate::client) total_timeout: Duration,
    pub(in crate::client) max_wait: Duration,
    pub(in crate::client) check_templates: bool,
    pub(in crate::client) log_content: bool,
    pub(in crate::client) link: Link,
}

/// What connections depend on: clients with the same link share a pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::client) struct Link {
    /// Without a slash at its end.
    pub(in crate::client) base_url: String,
    pub(in crate::client) connect_timeout: Duration,
    pub(in crate::client) proxy: Option<String>,
    pub(in crate::client) ca_bundle: Option<String>,
    pub(in crate::client) http_version: HttpVersion,
    pub(in crate::client) user_agent: String,
}

impl Settings {
    /// The settings with every default filled in.
    pub(in crate::client) fn resolve(self) -> Result<Resolved> {
        let phone_number_id = id_of_digits(&self.phone_number_id).ok_or_else(|| {
            Error::config(
                "phone_number_id",
                "must be the id of the number from Meta's dashboard (API setup), all digits: not the phone number itself",
            )
        })?;
        let business_account_id = match &self.business_account_id {
            None => None,
            Some(given) => Some(id_of_digits(given).ok_or_else(|| {
                Error::config(
                    "business_account_id",
                    "must be the id of the WhatsApp Business Account from Meta's dashboard (API setup), all digits",
                )
            })?),
        };
        if let Some(token) = &self.access_token {
            check_token(token)?;
        } else if self.token_callback != Some(true) {
            return Err(Error::config("access_token", "is missing"));
        }
        let api_version = self.api_version.unwrap_or_else(|| version::DEFAULT.to_owned());
        version::check(&api_version)?;
        let base_url = base_url(self.base_url.as_deref().unwrap_or(numbers::BASE_URL))?;
        if base_url == numbers::BASE_URL
            && self.access_token.as_ref().is_some_and(|token| token.expose() == SANDBOX_TOKEN)
        {
            return Err(Error::config(
                "access_token",
                "is the sandbox's, but base_url is Meta's, which does not know it: set base_url (WA_BASE_URL in the \
                 environment) to where the sandbox is, such as http://127.0.0.1:8025",
            ));
        }
        let ca_bundle = self.ca_bundle.as_deref();
        let pacing = Pacing::new(self.rate, self.pair_rate, self.pace, self.pace_dir, ca_bundle)?;
        if self.media_cache.as_deref().is_some_and(|path| path.is_empty() || path.contains("://")) {
            return Err(Error::config("media_cache", "must be the path of a file, such as uploads.db"));
        }
        let max_retries = self.max_retries.unwrap_or(numbers::MAX_RETRIES);
        if max_retries > numbers::MOST_RETRIES {
            return Err(Error::config("max_retries", format!("must be at most {}", numbers::MOST_RETRIES)));
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
            ms => Ok(Duration::from_millis(ms)),
        };
        Ok(Resolved {
            phone_number_id,
            business_account_id,
            access_token: self.access_token,
            api_version,
            pacing,
            media_cache: self.media_cache.map(PathBuf::from),
            max_retries,
            on_unknown: self.on_unknown.unwrap_or_default(),
            attempt_timeout: duration("attempt_timeout_ms", self.attempt_timeout_ms, numbers::ATTEMPT_TIMEOUT_MS)?,
            total_timeout: duration("total_timeout_ms", self.total_timeout_ms, numbers::TOTAL_TIMEOUT_MS)?,
            max_wait: Duration::from_millis(self.max_wait_ms.unwrap_or(numbers::MAX_WAIT_MS)),
            check_templates: self.check_templates.unwrap_or(true),
            log_content: self.log_content.unwrap_or_default(),
            link: Link {
                base_url,
                connect_timeout: duration("connect_timeout_ms", self.connect_timeout_ms, numbers::CONNECT_TIMEOUT_MS)?,
                proxy: self.proxy.map(proxy).transpose()?,
                ca_bundle: self.ca_bundle,
                http_version: self.http_version.unwrap_or_default(),
                user_agent,
            },
        })
    }
}

/// An id as Meta's dashboard shows it, perhaps copied with a space.
fn id_of_digits(given: &str) -> Option<String> {
    let id = given.trim();
    (!id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())).then(|| id.to_owned())
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
pub(in crate::client) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
