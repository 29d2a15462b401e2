//! Where webhooks go, and how.

use hyper::Uri;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::ledger::MessageStatus;

/// App secret of a sandbox that was given none.
pub const DEFAULT_APP_SECRET: &str = "sandbox-app-secret";
/// Verify token of a sandbox that was given none.
pub const DEFAULT_VERIFY_TOKEN: &str = "sandbox-verify-token";

/// Meta's page "Webhooks": at most so many updates in one POST.
pub(crate) const LARGEST_BATCH: usize = 1000;

/// The fields that the sandbox has something to tell of.
pub(crate) const FIELDS: [&str; 3] =
    ["messages", "message_template_status_update", "message_template_components_update"];

/// Where webhooks go, and how: the JSON object that `PUT /_sandbox/webhook` takes. What it leaves out stays as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhook {
    /// The address of your server, `http://127.0.0.1:3000/webhook` as an example. `https` is not spoken. Without one nothing is
    /// sent.
    pub url: Option<String>,
    /// Signs every POST.
    pub app_secret: String,
    /// What the handshake asks with.
    pub verify_token: String,
    /// The subscribed fields: `messages`, and what becomes of templates (`message_template_status_update`,
    /// `message_template_components_update`). All of them unless given; of others only raw payloads are sent.
    pub fields: Vec<String>,
    /// Which statuses follow an accepted message, in this order: `sent`, `delivered`, `read`, `played` (voice messages only).
    pub statuses: Vec<MessageStatus>,
    /// Milliseconds before each of them.
    pub status_delay_ms: u64,
    /// Whether statuses carry `conversation` as they did before v24.0; since then it comes only after a click on an ad.
    pub conversation: bool,
    /// Milliseconds before the first repeat of a POST that was not answered with 200; each further wait is twice as long.
    pub first_retry_ms: u64,
    /// The longest wait, in milliseconds. After 7 days a POST is given up.
    pub max_retry_ms: u64,
    /// Milliseconds for an answer.
    pub timeout_ms: u64,
    /// How many POSTs are under way at once, 1 to 64. With one, POSTs arrive in order as long as each is answered with 200.
    pub connections: usize,
    /// How many items (messages, statuses) one POST carries at most, 1 to 1000.
    pub batch: usize,
    /// With `batch` above 1 or `shuffle`: how many milliseconds items are held back to be sent together or out of order.
    pub hold_ms: u64,
    /// How often each POST is made, 1 to 10: Meta promises "at least once".
    pub repeat: u32,
    /// Whether what is held back together is sent out of order.
    pub shuffle: bool,
    /// Whether signatures are made with another secret than yours.
    pub wrong_signature: bool,
}

impl Default for Webhook {
    fn default() -> Self {
        Self {
            url: None,
            app_secret: DEFAULT_APP_SECRET.to_owned(),
            verify_token: DEFAULT_VERIFY_TOKEN.to_owned(),
            fields: FIELDS.map(str::to_owned).to_vec(),
            statuses: vec![MessageStatus::Sent, MessageStatus::Delivered, MessageStatus::Read],
            status_delay_ms: 50,
            conversation: false,
            first_retry_ms: 1_000,
            max_retry_ms: 3_600_000,
            timeout_ms: 10_000,
            connections: 1,
            batch: 1,
            hold_ms: 250,
            repeat: 1,
            shuffle: false,
            wrong_signature: false,
        }
    }
}

impl Webhook {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |what: &str| Err(Error::Settings(format!("webhook: {what}")));
        if let Some(url) = &self.url {
            address(url)?;
        }
        if self.app_secret.is_empty() || self.verify_token.is_empty() {
            return wrong("app_secret and verify_token: not empty");
        }
        if let Some(field) = self.fields.iter().find(|field| !FIELDS.contains(&field.as_str())) {
            return wrong(&format!(
                "fields: this sandbox has {}, not {field:?}; post its payload to /_sandbox/webhooks",
                FIELDS.join(", ")
            ));
        }
        if self.statuses.iter().any(|status| matches!(status, MessageStatus::Accepted | MessageStatus::Failed)) {
            return wrong(
                "statuses: sent, delivered, read and played; a message fails by a fault of the kind \"failed\"",
            );
        }
        let ranges = [
            ("first_retry_ms", self.first_retry_ms, 1..=3_600_000),
            ("max_retry_ms", self.max_retry_ms, 1..=604_800_000),
            ("timeout_ms", self.timeout_ms, 1..=600_000),
            ("status_delay_ms", self.status_delay_ms, 0..=3_600_000),
            ("hold_ms", self.hold_ms, 0..=3_600_000),
            ("connections", self.connections as u64, 1..=64),
            ("batch", self.batch as u64, 1..=LARGEST_BATCH as u64),
            ("repeat", u64::from(self.repeat), 1..=10),
        ];
        match ranges.iter().find(|(_, value, range)| !range.contains(value)) {
            Some((name, _, range)) => wrong(&format!("{name}: {} to {}", range.start(), range.end())),
            None => Ok(()),
        }
    }

    /// Whether messages and statuses are sent anywhere.
    pub(crate) fn is_subscribed(&self) -> bool {
        self.listens_to("messages")
    }

    /// Whether this field is sent anywhere.
    pub(crate) fn listens_to(&self, field: &str) -> bool {
        self.url.is_some() && self.fields.iter().any(|subscribed| subscribed == field)
    }
}

/// The address of a server that can be reached, or what is wrong with it.
pub(crate) fn address(url: &str) -> Result<Uri, Error> {
    let wrong = |what: String| Error::Settings(format!("webhook: url: {what}"));
    let uri: Uri = url.parse().map_err(|_| wrong(format!("{url:?} is no URL")))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") => {
            return Err(wrong(
                "https is not spoken by this sandbox. Name the address where your server listens without TLS, as in \
                 http://127.0.0.1:3000/webhook"
                    .to_owned(),
            ));
        }
        _ => return Err(wrong(format!("{url:?} does not begin with http://"))),
    }
    if uri.authority().is_none_or(|authority| authority.as_str().contains('@')) {
        return Err(wrong(format!("{url:?} names no host, or a user with it")));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_is_spoken() {
        for fine in ["http://127.0.0.1:3000/webhook", "http://localhost", "http://app:8000/hook?x=1", "http://[::1]:1/"]
        {
            assert!(address(fine).is_ok(), "{fine}");
        }
        for (url, says) in [
            ("https://example.com/webhook", "https is not spoken"),
            ("ftp://127.0.0.1/", "http://"),
            ("/webhook", "http://"),
            ("file:///etc/passwd", ""),
            ("http://me@127.0.0.1/", "user"),
            ("", "URL"),
            ("http://a b/", "URL"),
        ] {
            let error = address(url).unwrap_err().to_string();
            assert!(error.contains(says), "{url}: {error}");
        }
    }

    #[test]
    fn numbers_have_ranges() {
        assert!(Webhook::default().check().is_ok());
        for wrong in [
            Webhook { batch: 0, ..Webhook::default() },
            Webhook { batch: 1001, ..Webhook::default() },
            Webhook { repeat: 0, ..Webhook::default() },
            Webhook { connections: 0, ..Webhook::default() },
            Webhook { first_retry_ms: 0, ..Webhook::default() },
            Webhook { app_secret: String::new(), ..Webhook::default() },
            Webhook { statuses: vec![MessageStatus::Failed], ..Webhook::default() },
            Webhook { fields: vec!["flows".to_owned()], ..Webhook::default() },
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }
}
