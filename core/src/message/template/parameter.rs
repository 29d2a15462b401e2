//! One value of a template's header or body.

use serde::{Deserialize, Serialize};

use crate::message::content::Checked;
use crate::message::tagged::tagged;
use crate::message::violation::{Checker, Rule};
use crate::message::{Location, MediaObject, limits};

tagged! {
    /// One value, by its `type`.
    Parameter {
        /// Text.
        Text(TextValue) = "text",
        /// An amount of money.
        Currency(CurrencyValue) = "currency",
        /// A moment.
        DateTime(DateTimeValue) = "date_time",
        /// A picture above the body.
        Image(ImageValue) = "image",
        /// A film above the body.
        Video(VideoValue) = "video",
        /// A moving picture above the body (marketing endpoint).
        Gif(GifValue) = "gif",
        /// A file above the body.
        Document(DocumentValue) = "document",
        /// A place above the body.
        Location(LocationValue) = "location",
        /// A product above the body.
        Product(ProductValue) = "product",
    }
}

/// Text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextValue {
    /// What it says.
    pub text: String,
    /// The variable's name, in templates with named variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_name: Option<String>,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurrencyValue {
    /// How much.
    pub currency: Currency,
    /// The variable's name, in templates with named variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_name: Option<String>,
}

/// A moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateTimeValue {
    /// When.
    pub date_time: DateTime,
    /// The variable's name, in templates with named variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_name: Option<String>,
}

/// An amount of money that is written as the recipient's country does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "manifest", schemars(rename = "TemplateCurrency"))]
#[serde(deny_unknown_fields)]
pub struct Currency {
    /// What is shown where it cannot be: `$100.99`.
    pub fallback_value: String,
    /// The currency's code of three letters (ISO 4217): `USD`.
    pub code: String,
    /// The amount times 1,000: 100990 is 100.99.
    pub amount_1000: i64,
}

/// A moment. Meta shows `fallback_value`; the other members are taken and have no effect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "manifest", schemars(rename = "TemplateDateTime"))]
#[serde(deny_unknown_fields)]
pub struct DateTime {
    /// What is shown: `December 25, 2026`.
    pub fallback_value: String,
    /// The day of the week: 1 (Monday) to 7, or its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_of_week: Option<NumberOrText>,
    /// The year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i64>,
    /// The month: 1 to 12.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<i64>,
    /// The day of the month: 1 to 31.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_of_month: Option<i64>,
    /// The hour: 0 to 23.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hour: Option<i64>,
    /// The minute: 0 to 59.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minute: Option<i64>,
    /// `GREGORIAN` or `SOLAR_HIJRI`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Seconds since 1970, instead of the parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<i64>,
}

/// A number, or its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "manifest", schemars(inline))]
#[serde(untagged, expecting = "must be a number or text")]
pub enum NumberOrText {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

/// A product of a catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeaderProduct {
    /// The catalog that is connected to the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_id: Option<String>,
    /// The product in it.
    pub product_retailer_id: String,
}

impl HeaderProduct {
    /// A product of a catalog.
    pub fn new(catalog_id: impl Into<String>, product_retailer_id: impl Into<String>) -> Self {
        HeaderProduct { catalog_id: Some(catalog_id.into()), product_retailer_id: product_retailer_id.into() }
    }
}

impl Checked for HeaderProduct {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        checker.text("product_retailer_id", &self.product_retailer_id, 1, usize::MAX);
        checker.optional_text("catalog_id", self.catalog_id.as_ref(), 1, usize::MAX);
    }
}

/// Values that are nothing but an object of the type's own name.
macro_rules! values {
    ($($(#[$docs:meta])* $name:ident $member:ident($type:ty);)*) => {$(
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// What is shown.
            pub $member: $type,
        }

        impl From<$type> for $name {
            fn from($member: $type) -> Self {
                $name { $member }
            }
        }

        impl Checked for $name {
            fn check(&self, part: &'static str, checker: &mut Checker) {
                above(part, checker);
                checker.member(stringify!($member), |c| self.$member.check(stringify!($member), c));
            }
        }
    )*};
}

values! {
    /// A picture.
    ImageValue image(MediaObject);
    /// A film.
    VideoValue video(MediaObject);
    /// A moving picture.
    GifValue gif(MediaObject);
    /// A file.
    DocumentValue document(MediaObject);
    /// A place.
    LocationValue location(Location);
    /// A product.
    ProductValue product(HeaderProduct);
}

/// Media, places and products stand above the body only.
fn above(part: &'static str, checker: &mut Checker) {
    if part != "header" {
        checker.refuse_at("type", Rule::Choice, "must be text, currency or date_time in the body");
    }
}

impl From<String> for TextValue {
    fn from(text: String) -> Self {
        TextValue { text, parameter_name: None }
    }
}

impl Checked for TextValue {
    fn check(&self, part: &'static str, checker: &mut Checker) {
        let longest = if part == "header" { limits::TEMPLATE_HEADER_VALUE } else { limits::TEMPLATE_BODY_VALUE };
        checker.text("text", &self.text, 1, longest);
        // Not on Meta's pages, but what it answers (132018 or 100: "cannot have new-line/tab characters or more than 4
        // consecutive spaces"; netflie/whatsapp-cloud-api #201, dimagi/open-chat-studio #4277).
        if self.text.contains(['\n', '\r', '\t']) || self.text.contains("     ") {
            let message =
                "must not have line breaks, tabs or more than 4 spaces in a row: Meta refuses them in a variable";
            checker.refuse_at("text", Rule::Format, message);
        }
    }
}

impl Checked for CurrencyValue {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        checker.member("currency", |checker| {
            checker.text("fallback_value", &self.currency.fallback_value, 1, limits::TEMPLATE_BODY_VALUE);
            let code = &self.currency.code;
            if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
                checker.refuse_at(
                    "code",
                    Rule::Format,
                    "must be a currency's code of three capital letters such as USD",
                );
            }
        });
    }
}

impl Checked for DateTimeValue {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        checker.member("date_time", |c| {
            c.text("fallback_value", &self.date_time.fallback_value, 1, limits::TEMPLATE_BODY_VALUE);
        });
    }
}

impl Checked for Parameter {
    /// `part` is the component that it stands in.
    fn check(&self, part: &'static str, checker: &mut Checker) {
        self.content().check(part, checker);
    }
}

impl Parameter {
    /// The variable that it is for, if it says so.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Parameter::Text(TextValue { parameter_name, .. })
            | Parameter::Currency(CurrencyValue { parameter_name, .. })
            | Parameter::DateTime(DateTimeValue { parameter_name, .. }) => parameter_name.as_deref(),
            _ => None,
        }
    }
}

/// Names of variables: all values have one or none does, and each is given once.
pub(super) fn check_names(parameters: &[Parameter], checker: &mut Checker) {
    let named = parameters.iter().filter(|parameter| parameter.name().is_some()).count();
    if named != 0 && named != parameters.len() {
        checker.refuse_at("parameters", Rule::Conflict, "must all have a parameter_name or none");
    }
    let mut seen = Vec::new();
    checker.items("parameters", parameters, |checker, parameter| {
        let Some(name) = parameter.name() else { return };
        if name.is_empty() {
            checker.refuse_at("parameter_name", Rule::Required, "must not be empty");
        } else if seen.contains(&name) {
            checker.refuse_at("parameter_name", Rule::Unique, format!("gives {name:?} a second value"));
        }
        seen.push(name);
    });
}
