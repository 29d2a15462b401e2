//! Objects whose members are the caller's own.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::read::{UNSUPPORTED, kind_of};
use super::violation::{Checker, Rule};

/// An object whose members are the caller's own: they go out as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Open(pub Map<String, Value>);

impl Open {
    /// What was given instead of an object, if none was.
    pub(crate) fn wrong(&self) -> Option<&str> {
        self.0.get(UNSUPPORTED).and_then(Value::as_str)
    }

    /// Tells what cannot be JSON. All else is the caller's business.
    pub(crate) fn check(&self, checker: &mut Checker) {
        match self.wrong() {
            Some(kind) => checker.refuse(Rule::Type, format!("must be an object, got {kind}")),
            None => check_members(&self.0, checker),
        }
    }
}

fn check_members(members: &Map<String, Value>, checker: &mut Checker) {
    for (name, value) in members {
        checker.key(name, |checker| check_value(value, checker));
    }
}

fn check_value(value: &Value, checker: &mut Checker) {
    match value {
        Value::Object(members) if members.contains_key(UNSUPPORTED) => {
            checker.refuse(Rule::Type, format!("cannot be sent as JSON: {}", kind_of(value)));
        }
        Value::Object(members) => check_members(members, checker),
        Value::Array(items) => checker.each(items, |checker, item| check_value(item, checker)),
        _ => {}
    }
}

impl From<Map<String, Value>> for Open {
    fn from(members: Map<String, Value>) -> Self {
        Open(members)
    }
}

impl From<Value> for Open {
    /// The members of an object; of anything else there are none, and what was given is refused as such.
    fn from(value: Value) -> Self {
        match value {
            Value::Object(members) => Open(members),
            other => Open(Map::from_iter([(UNSUPPORTED.to_owned(), kind_of(&other).into())])),
        }
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for Open {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Open".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "object", "additionalProperties": true})
    }
}
