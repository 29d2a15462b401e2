//! Templates as calls tell them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::definition::TemplateDefinition;
use super::told;
use crate::graph::Extra;
use crate::message::Open;

/// A template in one language. What Meta was not asked for, or does not say, is absent.
///
/// Source: Meta's OpenAPI document (`GET /{waba-id}/message_templates`), its pages on templates, and the Graph API's reference
/// of the node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct MessageTemplate {
    /// Its id.
    pub id: String,
    /// Its name: what a message names it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The code of its language: `en_US`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether it can be sent: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED`, `IN_APPEAL` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `AUTHENTICATION`, `MARKETING` or `UTILITY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its category before Meta changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_category: Option<String>,
    /// Whether its variables are counted (`POSITIONAL`) or have names (`NAMED`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_format: Option<String>,
    /// What it is made of, as Graph has it: what `templates.create` takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub components: Option<Vec<Open>>,
    /// Why it was rejected: `INVALID_FORMAT`, `SCAM` …, or `NONE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_reason: Option<String>,
    /// What people think of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_score: Option<TemplateQuality>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What people think of a template.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct TemplateQuality {
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<String>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

impl MessageTemplate {
    /// Its definition, typed.
    pub fn definition(&self) -> TemplateDefinition {
        // Members of a template are JSON already: neither way can fail.
        let mut whole = serde_json::to_value(self).unwrap_or_default();
        if let Some(members) = whole.as_object_mut() {
            members.shift_remove("extra");
            members.extend(self.extra.0.clone());
            if let Some(quality) = &self.quality_score {
                let mut score = quality.extra.0.clone();
                score.extend(quality.score.clone().map(|score| ("score".to_owned(), Value::from(score))));
                members.insert("quality_score".to_owned(), score.into());
            }
        }
        serde_json::from_value(whole).unwrap_or_default()
    }

    /// How a person names it: `order_update (en_US)`.
    pub(crate) fn title(&self) -> String {
        told::title(self.name.as_deref(), self.language.as_deref())
    }

    /// Why it cannot be sent, if that is so: `order_update (en_US) was rejected by Meta (SCAM)`.
    pub(crate) fn unsendable(&self) -> Option<String> {
        let why = told::unsendable(self.status.as_deref()?, self.rejected_reason.as_deref())?;
        Some(format!("{} {why}", self.title()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_meta_tells_becomes_a_definition_and_loses_nothing() {
        let told = json!({
            "id": "1", "name": "a", "language": "en", "status": "APPROVED", "new": {"b": 1},
            "components": [{"type": "BODY", "text": "Hi", "newer": true}],
            "quality_score": {"score": "GREEN", "date": 5},
        });
        let template: MessageTemplate = serde_json::from_value(told.clone()).unwrap();
        assert_eq!(serde_json::to_value(template.definition()).unwrap(), told);
        let told = serde_json::to_value(&template).unwrap();
        assert_eq!((&told["extra"], &told["components"][0]["newer"]), (&json!({"new": {"b": 1}}), &json!(true)));
    }
}
