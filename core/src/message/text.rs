//! Text messages.

use serde::{Deserialize, Serialize};

use super::content::Checked;
use super::limits;
use super::violation::Checker;

/// Graph's `text` object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// 1 to 4,096 characters.
    pub body: String,
    /// Whether the first link in the text is shown with a preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview_url: Option<bool>,
}

impl Checked for Text {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        checker.text("body", &self.body, 1, limits::TEXT_BODY);
    }
}
