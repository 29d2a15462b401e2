//! A POST to the webhook as it is shown.

use serde::{Deserialize, Serialize};

use crate::ledger::Json;

/// A POST to the webhook.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// Counts POSTs from 0; repeats are the same one.
    pub index: u64,
    /// When it was made ready, in milliseconds since 1970.
    pub at: u64,
    /// What became of it.
    pub state: DeliveryState,
    /// How often it was sent.
    pub sent: u64,
    /// The last 100 times.
    pub attempts: Vec<Attempt>,
    /// The body, byte for byte.
    pub payload: Json,
    /// How many answers with 200 are still wanted.
    #[serde(skip)]
    pub(super) wanted: u32,
    /// How often it failed.
    #[serde(skip)]
    pub(super) failures: u32,
}

/// What became of a POST to the webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryState {
    /// It waits for its turn, or for its repeat.
    Pending,
    /// It was answered with 200.
    Delivered,
    /// It was not for 7 days, or the webhook was taken away.
    GivenUp,
}

/// One sending of a POST.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    /// When it began, in milliseconds since 1970.
    pub at: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// `X-Hub-Signature-256`.
    pub signature: String,
}

/// Which POSTs to show.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those with a greater index.
    pub after: Option<u64>,
    /// Only so many, the newest.
    pub limit: Option<usize>,
}
