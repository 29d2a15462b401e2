//! A place on the map.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::content::Checked;
use super::violation::{Checker, Rule};

/// Graph's `location` object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Degrees north, -90 to 90.
    pub latitude: Number,
    /// Degrees east, -180 to 180.
    pub longitude: Number,
    /// What the place is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Checked for Location {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        for (name, degrees, most) in [("latitude", &self.latitude, 90.0), ("longitude", &self.longitude, 180.0)] {
            if !degrees.as_f64().is_some_and(|degrees| degrees.abs() <= most) {
                checker.refuse_at(name, Rule::Format, format!("must be degrees from -{most} to {most}, got {degrees}"));
            }
        }
    }
}
