//! A button that opens a page.

use serde::{Deserialize, Serialize};

use super::{Action, FrameRules};
use crate::message::limits;
use crate::message::media::check_link;
use crate::message::tagged::words;
use crate::message::violation::Checker;

/// A button that opens a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CtaUrl {
    /// Always `cta_url`.
    pub name: CtaUrlWord,
    /// What the button says and opens.
    pub parameters: CtaUrlParameters,
}

words! {
    /// The name of this action.
    CtaUrlWord = "cta_url";
}

/// What the button says and opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CtaUrlParameters {
    /// What the button says: 1 to 20 characters.
    pub display_text: String,
    /// The page that it opens.
    pub url: String,
}

impl CtaUrl {
    /// A button that says `display_text` and opens `url`.
    pub fn new(display_text: impl Into<String>, url: impl Into<String>) -> Self {
        let parameters = CtaUrlParameters { display_text: display_text.into(), url: url.into() };
        CtaUrl { name: CtaUrlWord::Is, parameters }
    }
}

impl Action for CtaUrl {
    const FRAME: FrameRules = FrameRules::ALL;

    fn check(&self, checker: &mut Checker) {
        checker.member("parameters", |c| self.parameters.check(c));
    }
}

impl CtaUrlParameters {
    pub(super) fn check(&self, checker: &mut Checker) {
        checker.text("display_text", &self.display_text, 1, limits::BUTTON_TITLE);
        check_link("url", &self.url, checker);
    }
}
