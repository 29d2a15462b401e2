//! The values of a template's variables, as calls give them.

use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::parameter::{Currency, CurrencyValue, DateTime, DateTimeValue, Parameter, TextValue};
use crate::message::read::{self, UNSUPPORTED, kind_of};
use crate::message::violation::{Checker, Rule, Violation};

/// The values of a template's variables: in order (`{{1}}`, `{{2}}`) or by name.
///
/// Made from a list or from pairs of name and value. A value is a text, an amount of money (`{"currency": …}`) or a moment
/// (`{"date_time": …}`). A bare text is refused, since it would be read as a list of its characters in some languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variables(Given);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    Values(Vec<Variable>),
    Wrong(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    name: Option<String>,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    Currency(Currency),
    DateTime(DateTime),
    /// What was given is none of these: what is wrong, with its place below the value.
    Wrong(Vec<Violation>),
}

impl Variables {
    /// Texts in the order of the variables.
    pub fn positional<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Self {
        let variable = |text: T| Variable { name: None, value: Value::Text(text.into()) };
        Variables(Given::Values(values.into_iter().map(variable).collect()))
    }

    /// Texts by the name of the variable.
    pub fn named<N: Into<String>, T: Into<String>>(values: impl IntoIterator<Item = (N, T)>) -> Self {
        let variable = |(name, text): (N, T)| Variable { name: Some(name.into()), value: Value::Text(text.into()) };
        Variables(Given::Values(values.into_iter().map(variable).collect()))
    }

    /// The same with an amount of money as the next value.
    #[must_use]
    pub fn and_currency(self, currency: Currency) -> Self {
        self.and(Value::Currency(currency))
    }

    /// The same with a moment as the next value.
    #[must_use]
    pub fn and_date_time(self, date_time: DateTime) -> Self {
        self.and(Value::DateTime(date_time))
    }

    /// The same with a text as the next value.
    #[must_use]
    pub fn and_text(self, text: impl Into<String>) -> Self {
        self.and(Value::Text(text.into()))
    }

    fn and(mut self, value: Value) -> Self {
        if let Given::Values(values) = &mut self.0 {
            values.push(Variable { name: None, value });
        }
        self
    }

    /// As Graph has them; what is wrong is told.
    pub(super) fn parameters(self, checker: &mut Checker) -> Vec<Parameter> {
        match self.0 {
            Given::Values(values) => {
                let mut parameters = Vec::with_capacity(values.len());
                for (index, variable) in values.into_iter().enumerate() {
                    parameters.push(match (variable.value, variable.name) {
                        (Value::Text(text), parameter_name) => Parameter::Text(TextValue { text, parameter_name }),
                        (Value::Currency(currency), parameter_name) => {
                            Parameter::Currency(CurrencyValue { currency, parameter_name })
                        }
                        (Value::DateTime(date_time), parameter_name) => {
                            Parameter::DateTime(DateTimeValue { date_time, parameter_name })
                        }
                        (Value::Wrong(mistakes), parameter_name) => {
                            checker.member("parameters", |c| c.item(index, |c| c.add_below(mistakes)));
                            Parameter::Text(TextValue { text: STAND_IN.to_owned(), parameter_name })
                        }
                    });
                }
                parameters
            }
            Given::Wrong(wrong) => {
                let message = format!("must be a list of texts or an object of name and text, got {wrong}");
                checker.refuse_at("parameters", Rule::Type, message);
                Vec::new()
            }
        }
    }
}

/// Stands where a value was refused already, so that it is not refused a second time for being empty.
const STAND_IN: &str = "-";

impl Value {
    fn read(value: Json) -> Self {
        let named = |name| value.as_object().filter(|o| o.len() == 1)?.get(name);
        let told = |name: &str, mistakes: Vec<Violation>| {
            Value::Wrong(mistakes.into_iter().map(|mistake| mistake.below(name)).collect())
        };
        if let Some(currency) = named("currency") {
            return read::read(currency).map_or_else(|mistakes| told("currency", mistakes), Value::Currency);
        }
        if let Some(date_time) = named("date_time") {
            return read::read(date_time).map_or_else(|mistakes| told("date_time", mistakes), Value::DateTime);
        }
        match value {
            Json::String(text) => Value::Text(text),
            other => {
                let message = format!("must be text, got {}", kind_of(&other));
                let (path, rule) = ("text".to_owned(), Rule::Type.name().to_owned());
                Value::Wrong(vec![Violation { path, rule, message }])
            }
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

impl<'de> Deserialize<'de> for Variables {
    /// Takes anything: what is no list or object of values is told when the message is checked.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Variables(match Json::deserialize(deserializer)? {
            Json::Array(items) => {
                let variable = |item| Variable { name: None, value: Value::read(item) };
                Given::Values(items.into_iter().map(variable).collect())
            }
            Json::Object(members) if !members.contains_key(UNSUPPORTED) => {
                let variable = |(name, item)| Variable { name: Some(name), value: Value::read(item) };
                Given::Values(members.into_iter().map(variable).collect())
            }
            Json::String(_) => Given::Wrong("a single text: put it into a list".to_owned()),
            other => Given::Wrong(kind_of(&other)),
        }))
    }
}

#[cfg(feature = "manifest")]
mod manifest {
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{Currency, DateTime, Variables};

    /// A value that is an amount of money.
    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct CurrencyVariable {
        /// How much.
        currency: Currency,
    }

    /// A value that is a moment.
    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct DateTimeVariable {
        /// When.
        date_time: DateTime,
    }

    impl JsonSchema for Variables {
        fn schema_name() -> std::borrow::Cow<'static, str> {
            "TemplateVariables".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let value = json_schema!({"anyOf": [
                {"type": "string"},
                generator.subschema_for::<CurrencyVariable>(),
                generator.subschema_for::<DateTimeVariable>(),
            ]});
            json_schema!({
                "description": "The values of a template's variables: a list in their order, or an object of name and value. A value is a text, an amount of money (`{\"currency\": …}`) or a moment (`{\"date_time\": …}`).",
                "anyOf": [
                    {"type": "array", "items": value},
                    {"type": "object", "additionalProperties": value},
                ],
            })
        }
    }
}
