//! A place on the map.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Number, Value};

use super::content::Checked;
use super::read::kind_of;
use super::violation::{Checker, Rule};

/// Graph's `location` object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Degrees north, -90 to 90.
    #[cfg_attr(feature = "manifest", schemars(with = "f64"))]
    pub latitude: Degrees,
    /// Degrees east, -180 to 180.
    #[cfg_attr(feature = "manifest", schemars(with = "f64"))]
    pub longitude: Degrees,
    /// What the place is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// An angle. Meta's document says that it is text, its examples and webhooks have numbers: it goes out as it was given.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Degrees(Value);

impl Degrees {
    fn value(&self) -> Option<f64> {
        match &self.0 {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn check(&self, name: &'static str, most: f64, checker: &mut Checker) {
        if !matches!(self.0, Value::Number(_) | Value::String(_)) {
            let kind = kind_of(&self.0);
            let rule = if self.0.is_null() { Rule::Required } else { Rule::Type };
            checker.refuse_at(name, rule, format!("must be a number, got {kind}"));
        } else if !self.value().is_some_and(|degrees| degrees.abs() <= most) {
            let given = &self.0;
            checker.refuse_at(name, Rule::Format, format!("must be degrees from -{most} to {most}, got {given}"));
        }
    }
}

impl From<f64> for Degrees {
    /// JSON has no number that is not finite; such a one stays text, which is refused.
    fn from(degrees: f64) -> Self {
        Degrees(Number::from_f64(degrees).map_or_else(|| degrees.to_string().into(), Value::Number))
    }
}

impl<'de> Deserialize<'de> for Degrees {
    /// Takes anything: what is no angle is told when the message is checked.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Degrees)
    }
}

impl Checked for Location {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        self.latitude.check("latitude", 90.0, checker);
        self.longitude.check("longitude", 180.0, checker);
    }
}
