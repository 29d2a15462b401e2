//! The templates the sandbox knows, and whether the parameters of a message fit one.

use serde::{Deserialize, Serialize};

mod built_in;
mod check;
mod create;
mod graph_form;
mod library;
mod manage;
mod shelf;

#[cfg(test)]
pub(crate) use built_in::built_in;
pub(crate) use check::{Sent, check};
pub(crate) use manage::manage;
pub(crate) use shelf::{Templates, decide, review, review_due};

/// A template in one language, as `POST /_sandbox/templates` takes it. A simplification of Meta's own form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Language code as in `en_US`.
    pub language: String,
    /// `APPROVED` templates can be sent; `PAUSED` and `DISABLED` ones answer with their own codes, others are not found.
    #[serde(default = "approved")]
    pub status: String,
    /// `AUTHENTICATION`, `MARKETING` or `UTILITY`. Without it no rule that depends on it applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What stands above the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<TemplateHeader>,
    /// The text, with `{{1}}`, `{{2}}`, … or `{{name}}` for variables.
    pub body: String,
    /// `POSITIONAL` or `NAMED`.
    #[serde(default = "positional")]
    pub parameter_format: String,
    /// An offer that ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited_time_offer: Option<TemplateOffer>,
    /// Buttons in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<TemplateButton>,
    /// The cards of a carousel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<TemplateCard>,
    /// Its id; one is made up for a template without.
    #[serde(default)]
    pub id: String,
    /// Why it was rejected: `NONE`, `INVALID_FORMAT` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_reason: Option<String>,
    /// Which template of Meta's library it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library_template_name: Option<String>,
    /// Meta's own form, of a template that was created through the API. Others are told in one that is made of the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Vec<serde_json::Value>>,
}

/// The header of a template or of a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateHeader {
    /// `TEXT`, `IMAGE`, `VIDEO`, `DOCUMENT`, `LOCATION` or `PRODUCT`.
    pub format: String,
    /// The text of a `TEXT` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// The offer of a limited-time offer template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateOffer {
    /// What it says, in 16 characters.
    pub text: String,
    /// Whether a message says when the offer ends.
    #[serde(default)]
    pub has_expiration: bool,
}

/// A button of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateButton {
    /// `QUICK_REPLY`, `URL`, `OTP`, `COPY_CODE`, `FLOW`, `CATALOG`, `MPM`, `ORDER_DETAILS`, `VOICE_CALL`, `PHONE_NUMBER`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Where a `URL` button leads; `{{1}}` at the end makes it wait for a parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the button says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A card of a carousel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateCard {
    /// `IMAGE`, `VIDEO` or `PRODUCT`.
    pub header: TemplateHeader,
    /// The text, with variables as in the template's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Buttons in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<TemplateButton>,
}

fn approved() -> String {
    "APPROVED".to_owned()
}

fn positional() -> String {
    "POSITIONAL".to_owned()
}

impl Template {
    fn is_named(&self) -> bool {
        self.parameter_format.eq_ignore_ascii_case("NAMED")
    }
}

#[cfg(test)]
mod tests;
