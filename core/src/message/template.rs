//! Template messages: texts that Meta approved, filled with values.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;

use super::content::Checked;
use super::limits;
use super::read::{UNSUPPORTED, kind_of};
use super::violation::{Checker, Rule};

/// Graph's `template` object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// The values of one part of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Which part.
    #[serde(rename = "type")]
    pub kind: ComponentKind,
    /// Its values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<Parameter>>,
    /// Set when what was given is no list or object of values.
    #[serde(skip)]
    wrong: Option<String>,
}

/// The parts of a template that this version fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// A text header with one variable.
    Header,
    /// The text.
    Body,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Always `text` in this version.
    #[serde(rename = "type")]
    pub kind: ParameterKind,
    /// The value.
    pub text: String,
    /// The variable's name, in templates with named variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_name: Option<String>,
    /// Set when what was given is no text.
    #[serde(skip)]
    wrong: Option<String>,
}

/// The kinds of value that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// Text.
    Text,
}

/// The values of a template's variables: in order (`{{1}}`, `{{2}}`) or by name.
///
/// Made from a list of texts or from pairs of name and text. A bare text is refused, since it would be read as a list of
/// its characters in some languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variables(Given);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    Values(Vec<Value>),
    Wrong(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Value {
    name: Option<String>,
    /// The text, or the kind of what is no text.
    text: Result<String, String>,
}

impl Variables {
    /// Values in the order of the variables.
    pub fn positional<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Self {
        let value = |text: T| Value { name: None, text: Ok(text.into()) };
        Variables(Given::Values(values.into_iter().map(value).collect()))
    }

    /// Values by the name of the variable.
    pub fn named<N: Into<String>, T: Into<String>>(values: impl IntoIterator<Item = (N, T)>) -> Self {
        let value = |(name, text): (N, T)| Value { name: Some(name.into()), text: Ok(text.into()) };
        Variables(Given::Values(values.into_iter().map(value).collect()))
    }

    pub(crate) fn component(self, kind: ComponentKind) -> Component {
        match self.0 {
            Given::Values(values) => {
                let parameter = |value: Value| {
                    let (text, wrong) = match value.text {
                        Ok(text) => (text, None),
                        Err(kind) => (String::new(), Some(kind)),
                    };
                    Parameter { kind: ParameterKind::Text, text, parameter_name: value.name, wrong }
                };
                Component { kind, parameters: Some(values.into_iter().map(parameter).collect()), wrong: None }
            }
            Given::Wrong(wrong) => Component { kind, parameters: None, wrong: Some(wrong) },
        }
    }
}

impl<T: Into<String>> From<Vec<T>> for Variables {
    fn from(values: Vec<T>) -> Self {
        Variables::positional(values)
    }
}

impl<T: Into<String>, const N: usize> From<[T; N]> for Variables {
    fn from(values: [T; N]) -> Self {
        Variables::positional(values)
    }
}

impl Component {
    pub(crate) fn text_header(text: impl Into<String>) -> Self {
        Variables::positional([text.into()]).component(ComponentKind::Header)
    }

    fn check(&self, checker: &mut Checker) {
        if let Some(wrong) = &self.wrong {
            let message = format!("must be a list of texts or an object of name and text, got {wrong}");
            checker.refuse_at("parameters", Rule::Type, message);
        }
        let parameters = self.parameters.as_deref().unwrap_or_default();
        let longest = match self.kind {
            ComponentKind::Header => {
                // "Header text 60 with one variable" (Meta's page on template components).
                if self.parameters.is_some() {
                    checker.count("parameters", parameters.len(), 1, 1);
                }
                limits::TEMPLATE_HEADER_VALUE
            }
            ComponentKind::Body => limits::TEMPLATE_BODY_VALUE,
        };
        let named = parameters.iter().filter(|p| p.parameter_name.is_some()).count();
        if named != 0 && named != parameters.len() {
            checker.refuse_at("parameters", Rule::Conflict, "must all have a parameter_name or none");
        }
        let mut index = 0;
        checker.items("parameters", parameters, |checker, parameter| {
            let before = &parameters[..index];
            index += 1;
            match &parameter.wrong {
                Some(kind) => checker.refuse_at("text", Rule::Type, format!("must be text, got {kind}")),
                None => checker.text("text", &parameter.text, 1, longest),
            }
            if let Some(name) = &parameter.parameter_name {
                if name.is_empty() {
                    checker.refuse_at("parameter_name", Rule::Required, "must not be empty");
                } else if before.iter().any(|other| other.parameter_name.as_ref() == Some(name)) {
                    checker.refuse_at("parameter_name", Rule::Unique, format!("gives {name:?} a second value"));
                }
            }
        });
    }
}

impl Template {
    /// A template without values.
    pub fn new(name: impl Into<String>, language: impl Into<String>) -> Self {
        Template { name: name.into(), language: Language { code: language.into(), policy: None }, components: None }
    }
}

impl Checked for Template {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        checker.text("name", &self.name, 1, limits::TEMPLATE_NAME);
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !self.name.is_empty() && !self.name.bytes().all(plain) {
            checker.refuse_at(
                "name",
                Rule::Format,
                "must be lower-case letters, digits and _, as every approved template's name is",
            );
        }
        checker.member("language", |c| self.language.check(c));
        let components = self.components.as_deref().unwrap_or_default();
        let mut index = 0;
        checker.items("components", components, |checker, component| {
            let before = &components[..index];
            index += 1;
            if before.iter().any(|other| other.kind == component.kind) {
                checker.refuse_at("type", Rule::Unique, "is the type of another component too");
            }
            component.check(checker);
        });
    }
}

impl Language {
    fn check(&self, checker: &mut Checker) {
        checker.text("code", &self.code, 1, 32);
        if self.code.contains('-') {
            let fixed = self.code.replace('-', "_");
            checker.refuse_at("code", Rule::Format, format!("is written with an underscore: {fixed}"));
        } else if !self.code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            checker.refuse_at("code", Rule::Format, "must be a language code such as en or en_US");
        }
    }
}

impl<'de> Deserialize<'de> for Variables {
    /// Takes anything: what is no list or object of texts is told when the message is checked.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = |value| match value {
            Json::String(text) => Ok(text),
            other => Err(kind_of(&other)),
        };
        Ok(Variables(match Json::deserialize(deserializer)? {
            Json::Array(items) => {
                Given::Values(items.into_iter().map(|item| Value { name: None, text: text(item) }).collect())
            }
            Json::Object(members) if !members.contains_key(UNSUPPORTED) => {
                let value = |(name, item)| Value { name: Some(name), text: text(item) };
                Given::Values(members.into_iter().map(value).collect())
            }
            Json::String(_) => Given::Wrong("a single text: put it into a list".to_owned()),
            other => Given::Wrong(kind_of(&other)),
        }))
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for Variables {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TemplateVariables".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The values of a template's variables: a list of texts in their order, or an object of name and text.",
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "string"}},
            ],
        })
    }
}
