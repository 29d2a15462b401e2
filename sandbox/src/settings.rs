//! What can be set, at the start and later through `PUT /_sandbox/settings`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Error;
use crate::facts::TokenFacts;
use crate::webhook::Webhook;

/// Phone number id of a sandbox that was given none.
pub const DEFAULT_PHONE_NUMBER_ID: &str = "106540352242922";
/// Access token of a sandbox that was given none.
pub const DEFAULT_TOKEN: &str = "sandbox-token";

/// Settings of a sandbox; the same JSON object that the control API reads and writes.
///
/// ```
/// let settings = wacloud_sandbox::Settings { rate: 0, pair_rate: false, ..Default::default() };
/// assert_eq!(settings.port, 0, "0 asks the system for a free port");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Address to listen on. Anything but loopback lets others on the network drive the sandbox.
    pub host: String,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Names besides `localhost` and plain IP addresses by which the control API may be called
    /// (the name of a container, say). Any other `Host` is refused, because a web page could have brought it.
    pub allowed_hosts: Vec<String>,
    /// Access tokens that are let in.
    pub tokens: Vec<String>,
    /// The business phone numbers that can send.
    pub phone_numbers: Vec<PhoneNumber>,
    /// What is told of these tokens when it is asked.
    pub token_facts: TokenFacts,
    /// Id of the WhatsApp Business account, as the usage headers name it.
    pub business_account_id: String,
    /// Messages per second and phone number, in any window of one second. 0 switches the limit off.
    pub rate: u32,
    /// Whether one recipient gets at most one message per 6 s, with a burst of 45.
    pub pair_rate: bool,
    /// HTTP status of a throttled answer (130429, 131056): 400 as Meta answers today, or 429 as it did before.
    pub throttle_status: u16,
    /// How long every answer of the API is held back, in milliseconds.
    pub latency_ms: u64,
    /// Up to so many milliseconds more, by chance.
    pub jitter_ms: u64,
    /// Makes chance repeatable: jitter, fault probabilities and message ids. Without it message ids differ from run to run.
    pub seed: Option<u64>,
    /// How many accepted messages the ledger remembers; counters stay exact beyond it.
    pub keep: usize,
    /// Whether free-form messages need the customer to have written within the last 24 hours (131047). Templates pass always.
    pub window: bool,
    /// After how many milliseconds a template that was created or changed is approved. With `null` it waits until somebody
    /// decides: on the page, or with `POST /_sandbox/templates/status`.
    pub template_review_ms: Option<u64>,
    /// Whether a message may only name media that were uploaded here, or came from a customer here. Without it an id that was
    /// never given out passes; one that was deleted, or whose 30 days are over, never does.
    pub strict_media: bool,
    /// Where webhooks go, and how. Changed by `PUT /_sandbox/webhook` only, because that makes the handshake.
    pub webhook: Webhook,
}

/// A business phone number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneNumber {
    /// Its Graph id, the path segment before `/messages`.
    pub id: String,
    /// The number as people read it.
    #[serde(default = "default_display_phone_number")]
    pub display_phone_number: String,
    /// Its country calling code, which is put in front of recipients written without `+`.
    #[serde(default = "default_country_code")]
    pub country_code: String,
    /// Its quality as `GREEN`, `YELLOW` or `RED`.
    #[serde(default = "default_quality_rating")]
    pub quality_rating: String,
    /// Whether it was verified with a code: `VERIFIED`, `NOT_VERIFIED` or `EXPIRED`.
    #[serde(default = "default_code_verification_status")]
    pub code_verification_status: String,
    /// Whether it can send: `CONNECTED`, `DISCONNECTED` … The sandbox sends all the same.
    #[serde(default = "default_status")]
    pub status: String,
}

impl PhoneNumber {
    /// A number with this id and the default (North American) display number.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            display_phone_number: default_display_phone_number(),
            country_code: default_country_code(),
            quality_rating: default_quality_rating(),
            code_verification_status: default_code_verification_status(),
            status: default_status(),
        }
    }

    /// The digits of the display number.
    pub(crate) fn digits(&self) -> String {
        self.display_phone_number.chars().filter(char::is_ascii_digit).collect()
    }
}

fn default_display_phone_number() -> String {
    "+1 555-078-3881".to_owned()
}

fn default_country_code() -> String {
    "1".to_owned()
}

fn default_quality_rating() -> String {
    "GREEN".to_owned()
}

fn default_code_verification_status() -> String {
    "VERIFIED".to_owned()
}

fn default_status() -> String {
    "CONNECTED".to_owned()
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            allowed_hosts: Vec::new(),
            tokens: vec![DEFAULT_TOKEN.to_owned()],
            phone_numbers: vec![PhoneNumber::new(DEFAULT_PHONE_NUMBER_ID)],
            token_facts: TokenFacts::default(),
            business_account_id: "102290129340398".to_owned(),
            rate: 80,
            pair_rate: true,
            throttle_status: 400,
            latency_ms: 0,
            jitter_ms: 0,
            seed: None,
            keep: 100_000,
            window: false,
            template_review_ms: Some(1_000),
            strict_media: false,
            webhook: Webhook::default(),
        }
    }
}

impl Settings {
    /// These settings with the members of `patch` in their place.
    ///
    /// # Errors
    /// [`Error::Settings`] for an unknown member, a value of the wrong type or out of range, for `host` and `port`,
    /// which cannot change while the sandbox listens, and for `webhook`, which has a request of its own.
    pub fn merged(&self, patch: &Map<String, Value>) -> Result<Self, Error> {
        let mut all = serde_json::to_value(self).map_err(|e| Error::Settings(e.to_string()))?;
        if let Value::Object(all) = &mut all {
            all.extend(patch.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        let merged: Self = serde_json::from_value(all).map_err(|e| Error::Settings(e.to_string()))?;
        if (&merged.host, merged.port) != (&self.host, self.port) {
            return Err(Error::Settings("host and port cannot change while the sandbox listens".to_owned()));
        }
        if merged.webhook != self.webhook {
            return Err(Error::Settings("the webhook is changed by PUT /_sandbox/webhook".to_owned()));
        }
        merged.check()?;
        Ok(merged)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let wrong = |what: &str| Err(Error::Settings(what.to_owned()));
        if self.tokens.is_empty() || self.tokens.iter().any(String::is_empty) {
            return wrong("tokens: at least one, none empty");
        }
        if self.phone_numbers.is_empty() {
            return wrong("phone_numbers: at least one");
        }
        for number in &self.phone_numbers {
            if !digits(&number.id) {
                return wrong("phone_numbers: an id is made of digits");
            }
            if !digits(&number.country_code) || number.country_code.len() > 3 {
                return wrong("phone_numbers: a country_code is one to three digits");
            }
        }
        if !matches!(self.throttle_status, 400 | 429) {
            return wrong("throttle_status: 400 or 429");
        }
        if self.keep == 0 {
            return wrong("keep: at least 1");
        }
        self.webhook.check()
    }

    pub(crate) fn phone_number(&self, id: &str) -> Option<&PhoneNumber> {
        self.phone_numbers.iter().find(|number| number.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patch(value: &Value) -> Result<Settings, Error> {
        Settings::default().merged(value.as_object().unwrap())
    }

    #[test]
    fn a_patch_changes_only_what_it_names() {
        let changed = patch(&json!({"rate": 0, "seed": 7})).unwrap();
        assert_eq!(changed, Settings { rate: 0, seed: Some(7), ..Settings::default() });
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for wrong in [
            json!({"rat": 1}),
            json!({"rate": -1}),
            json!({"port": 1}),
            json!({"throttle_status": 500}),
            json!({"tokens": []}),
            json!({"phone_numbers": [{"id": "a"}]}),
            json!({"keep": 0}),
            json!({"webhook": {"url": "http://127.0.0.1:1/"}}),
        ] {
            assert!(patch(&wrong).is_err(), "{wrong}");
        }
    }
}
