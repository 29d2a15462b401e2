//! Template messages: texts that Meta approved, filled with values.

mod button;
mod card;
mod component;
mod parameter;
mod variables;

pub use button::{
    ButtonAction, ButtonComponent, ButtonParameter, ButtonValue, FlowValue, Position, ProductsValue, SubType,
};
pub use card::TemplateCard;
pub(crate) use card::Values;
pub use component::{
    BodyComponent, CardComponents, CarouselComponent, Component, HeaderComponent, LimitedTimeOffer, OfferComponent,
    OrderStatusComponent,
};
pub use parameter::{Currency, DateTime, HeaderProduct, Parameter, TextValue};
pub use variables::Variables;

use serde::{Deserialize, Serialize};

use super::content::Checked;
use super::limits;
use super::violation::{Checker, Rule};

/// Graph's `template` object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The approved template's name.
    pub name: String,
    /// Which of its translations.
    pub language: Language,
    /// The values, component by component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub components: Option<Vec<Component>>,
}

/// A translation of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// `en`, `en_US`, …: exactly as it was approved.
    pub code: String,
    /// Only `deterministic` is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<LanguagePolicy>,
}

/// How Meta picks a translation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LanguagePolicy {
    /// Just the one named.
    Deterministic,
}

impl Template {
    /// A template without values.
    pub fn new(name: impl Into<String>, language: impl Into<String>) -> Self {
        Template { name: name.into(), language: Language { code: language.into(), policy: None }, components: None }
    }

    /// Tells what no approved template is called. A body that was given whole is not held to it: whether there is such a
    /// template is Meta's to say, whose own examples have names such as `template-name`.
    pub(crate) fn check_names(&self, checker: &mut Checker) {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !self.name.bytes().all(plain) {
            checker.refuse_at(
                "name",
                Rule::Format,
                "must be lower-case letters, digits and _, as every approved template's name is",
            );
        }
        let code = &self.language.code;
        if code.contains('-') {
            let fixed = code.replace('-', "_");
            checker.member("language", |c| {
                c.refuse_at("code", Rule::Format, format!("is written with an underscore: {fixed}"));
            });
        } else if !code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            checker.member("language", |c| {
                c.refuse_at("code", Rule::Format, "must be a language code such as en or en_US");
            });
        }
    }
}

impl Checked for Template {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        checker.text("name", &self.name, 1, limits::TEMPLATE_NAME);
        checker.member("language", |c| c.text("code", &self.language.code, 1, limits::LANGUAGE_CODE));
        checker.member("components", |c| component::check_all(self.components.as_deref().unwrap_or_default(), c));
    }
}
