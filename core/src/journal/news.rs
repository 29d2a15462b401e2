//! What a status webhook says about a message of a campaign. Pure.

use serde::{Deserialize, Serialize};

use crate::webhook::{WebhookChannel, WebhookEvent, WebhookKind};

/// What a journal takes from an event: statuses of messages that were sent over WhatsApp. All others say nothing to it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JournalNews {
    kind: String,
    channel: String,
    /// The message's id.
    pub(super) id: Option<String>,
    pub(super) tracker: Option<String>,
    pub(super) status: Option<String>,
    pub(super) timestamp: Option<f64>,
    pub(super) recipient: Option<String>,
    pub(super) recipient_user_id: Option<String>,
    pub(super) category: Option<String>,
    pub(super) pricing_type: Option<String>,
    pub(super) billable: Option<bool>,
    /// Graph's code of the failure, and its text.
    pub(super) code: Option<i64>,
    pub(super) problem: Option<String>,
}

impl From<&WebhookEvent> for JournalNews {
    fn from(event: &WebhookEvent) -> Self {
        let is_status = event.kind == WebhookKind::Status && event.channel == WebhookChannel::WhatsApp;
        if !is_status {
            return JournalNews::default();
        }
        let pricing = event.pricing.as_deref();
        let error = event.errors.first();
        JournalNews {
            kind: "status".to_owned(),
            channel: "whatsapp".to_owned(),
            id: event.id.clone(),
            tracker: event.tracker.clone(),
            status: event.status.clone(),
            timestamp: event.timestamp,
            recipient: event.recipient.clone(),
            recipient_user_id: event.recipient_user_id.clone(),
            category: pricing.and_then(|pricing| pricing.category.clone()),
            pricing_type: pricing.and_then(|pricing| pricing.r#type.clone()),
            billable: pricing.and_then(|pricing| pricing.billable),
            code: error.and_then(|error| error.error.code),
            problem: error.map(|error| error.error.details.clone().unwrap_or_else(|| error.error.message.clone())),
        }
    }
}

/// What a status says that counts for a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Sent,
    Delivered,
    Read,
    Failed,
}

impl JournalNews {
    /// The step that it tells of, and of which message.
    pub(super) fn step(&self) -> Option<(Step, &str)> {
        if self.kind != "status" || self.channel != "whatsapp" {
            return None;
        }
        let step = match self.status.as_deref()? {
            "sent" => Step::Sent,
            "delivered" => Step::Delivered,
            // Who listened to a voice message has read it.
            "read" | "played" => Step::Read,
            "failed" => Step::Failed,
            _ => return None,
        };
        Some((step, self.id.as_deref()?))
    }

    /// Whether it is about a message to them, as it went out. Meta's name of a number may differ (Brazil, Mexico): the last
    /// eight digits do not.
    pub(super) fn is_for(&self, recipient: &str) -> bool {
        let end = |number: &str| -> String {
            let digits = number.chars().rev().filter(char::is_ascii_digit);
            digits.take(8).collect()
        };
        self.recipient_user_id.as_deref() == Some(recipient)
            || self.recipient.as_deref().is_some_and(|number| end(number) == end(recipient))
    }

    /// When it happened.
    pub(super) fn at_ms(&self, now_ms: u64) -> u64 {
        self.timestamp.map_or(now_ms, |at_s| (at_s.max(0.0) * 1000.0) as u64)
    }
}
