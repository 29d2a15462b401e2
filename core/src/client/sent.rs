//! What an accepted message comes back as.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Answered, CallMeta};
use crate::graph::Acceptance;

/// A message that Meta accepted. Accepted is not delivered: that comes by webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct SentMessage {
    /// The message's id (`wamid.…`): store it, status webhooks carry it.
    pub id: String,
    /// Who it went to, as it went out: `+` and digits, a user id or a group id.
    pub to: String,
    /// Meta's name for the phone number. It differs from `to` in some countries (Brazil, Mexico).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    /// The business-scoped user id, where Meta gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The group's id, of messages to a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Meta's word on a template message under pacing: `accepted`, `held_for_quality_assessment` or `paused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What every status webhook of this message carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracker: Option<String>,
    /// How the call went.
    pub meta: CallMeta,
    /// What Meta said beside that, by its own names: members that this version has none for. Absent as a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<Box<Map<String, Value>>>,
}

impl SentMessage {
    pub(crate) fn from_answer(answered: &Answered<'_>) -> Option<Self> {
        let accepted = Acceptance::read(answered.body)?;
        let mut extra = accepted.extra;
        // Meta repeats who it was to go to, which is known.
        if let Some(input) = accepted.input.filter(|input| input != answered.recipient) {
            extra.insert("input".to_owned(), input.into());
        }
        Some(SentMessage {
            id: accepted.id,
            to: answered.recipient.to_owned(),
            wa_id: accepted.wa_id,
            user_id: accepted.user_id,
            group_id: accepted.group_id,
            status: accepted.status,
            tracker: answered.tracker.map(str::to_owned),
            meta: answered.meta.clone(),
            extra: (!extra.is_empty()).then(|| Box::new(extra)),
        })
    }
}

impl std::fmt::Display for SentMessage {
    /// The id.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id)
    }
}
