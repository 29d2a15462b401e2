//! What Meta says of a business phone number.

use serde::{Deserialize, Serialize};

use super::Extra;

/// A business phone number. What Meta was not asked for, or does not say, is absent.
///
/// Source: Meta's OpenAPI document (`GET /{phone-number-id}`, `GET /{waba-id}/phone_numbers`), its page "Throughput", and
/// recorded answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct PhoneNumber {
    /// Its id.
    pub id: String,
    /// The number as people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_phone_number: Option<String>,
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_name: Option<String>,
    /// How people take its messages: `GREEN`, `YELLOW`, `RED`, `NA` or `UNKNOWN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_rating: Option<String>,
    /// Whether the name may be shown: `APPROVED`, `AVAILABLE_WITHOUT_REVIEW`, `DECLINED`, `EXPIRED`, `PENDING_REVIEW` or
    /// `NONE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_status: Option<String>,
    /// Whether a code has shown whose the number is: `VERIFIED`, `NOT_VERIFIED` or `EXPIRED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_verification_status: Option<String>,
    /// Whether it can send: `CONNECTED`, `DISCONNECTED`, `PENDING`, `FLAGGED`, `RESTRICTED` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `LIVE` or `SANDBOX` (one of Meta's test numbers).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_mode: Option<String>,
    /// How many messages a second it may send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput: Option<Throughput>,
    /// How many people all numbers of its business portfolio together may write to first in 24 hours: `TIER_250`, `TIER_2K`,
    /// `TIER_10K`, `TIER_100K`, `TIER_UNLIMITED` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whatsapp_business_manager_messaging_limit: Option<String>,
    /// The same of the number alone, as it was counted before October 2025. Meta tells it of fewer and fewer numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messaging_limit_tier: Option<String>,
    /// Whether it has the badge of an official business account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_official_business_account: Option<bool>,
    /// Whether two-step verification has a pin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_pin_enabled: Option<bool>,
    /// The user name by which people find it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How many messages a second a number may send.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct Throughput {
    /// `STANDARD` (80 messages a second), `HIGH` (1,000) or `NOT_APPLICABLE`.
    pub level: String,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_and_documented_answers_are_read() {
        let number: PhoneNumber = serde_json::from_str(
            r#"{"id": "107878721936019", "display_phone_number": "+1 555-093-4873", "verified_name": "Test Number",
                "quality_rating": "GREEN", "code_verification_status": "NOT_VERIFIED", "account_mode": "SANDBOX",
                "name_status": "AVAILABLE_WITHOUT_REVIEW", "status": "DISCONNECTED", "is_pin_enabled": true,
                "certificate": "CmYKI", "throughput": {"level": "STANDARD"}}"#,
        )
        .unwrap();
        assert_eq!((number.status.as_deref(), number.is_pin_enabled), (Some("DISCONNECTED"), Some(true)));
        assert_eq!(number.throughput.map(|throughput| throughput.level).as_deref(), Some("STANDARD"));
        assert_eq!(number.extra.get("certificate"), Some(&"CmYKI".into()));
        assert!(serde_json::from_str::<PhoneNumber>(r#"{"success": true}"#).is_err());
    }
}
