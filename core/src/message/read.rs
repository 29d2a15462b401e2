//! Reads JSON into typed values and tells *every* mistake, not only the first.
//!
//! A derived `Deserialize` stops at its first error and does not say where it was. This deserializer notes a wrong type, a
//! missing member or an unknown one with its path, hands a harmless stand-in to the type and goes on. What comes out is only
//! used when nothing was noted.
//!
//! It relies on two habits of the types read with it: optional members are `Option` (never `#[serde(default)]`), and
//! nothing is flattened. Objects whose `type` says what else they have are made with [`tagged!`](super::tagged): serde's
//! own `#[serde(tag)]` reads into a buffer first, and whatever goes wrong after that has no place any more.

mod inside;
mod path;
mod reader;
mod types;
mod variant;

use std::cell::RefCell;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::violation::{Rule, Violation};
use path::{Path, violation};
use reader::{Node, Reader};

/// What a language package puts in place of a value that JSON cannot carry (bytes, NaN, half a surrogate pair, any other
/// object), with the value's kind in that language's word, so that it is reported at its place and not as a JSON error.
pub(crate) const UNSUPPORTED: &str = "$unsupported";

/// Beside such a mark: what makes media of the value, in that language's words.
const INSTEAD: &str = "$instead";

/// How an enum made with [`tagged!`](super::tagged) tells this reader, in its name, which member has its tag.
const TAGGED: &str = "$tagged by ";

/// What was read, and every mistake that was noted on the way.
pub(crate) struct Reading<T> {
    /// With stand-ins where mistakes were; `None` where there was no going on.
    pub(crate) value: Option<T>,
    pub(crate) violations: Vec<Violation>,
}

/// Reads `value` as `T`. The paths of the violations are those of `value` itself.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Vec<Violation>> {
    let Reading { value, violations } = read_all(value, &[]);
    value.filter(|_| violations.is_empty()).ok_or(violations)
}

/// The same, with what could be read in spite of mistakes. Where a name at the root is not known, those that the caller may
/// give `beside` are told among the known ones.
pub(crate) fn read_all<T: DeserializeOwned>(value: &Value, beside: &'static [&'static str]) -> Reading<T> {
    let notes = RefCell::new(Vec::new());
    let root = Reader { node: Node::Given(value), path: &Path::Root, tag: None, beside, notes: &notes };
    let value = T::deserialize(root).map_err(|stopped| root.note_stop(stopped)).ok();
    Reading { value, violations: notes.into_inner() }
}

/// What JSON text says, or where it stops being JSON.
pub(crate) fn parse(text: &str) -> Result<Value, Vec<Violation>> {
    serde_json::from_str(text)
        .map_err(|error| vec![violation(&Path::Root, Rule::Type, format!("is not JSON: {error}"))])
}

/// The kind of a JSON value, in a user's words.
pub(crate) fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(truth) => format!("{truth}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(_) => "text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(members) => match members.get(UNSUPPORTED) {
            Some(Value::String(kind)) => kind.clone(),
            _ => "an object".to_owned(),
        },
    }
}

/// The same where media belong, with what makes media of it, if its language says that.
pub(crate) fn kind_with_remedy(value: &Value) -> String {
    let instead = value.get(UNSUPPORTED).and(value.get(INSTEAD)).and_then(Value::as_str);
    instead.map_or_else(|| kind_of(value), |instead| format!("{}: write {instead}", kind_of(value)))
}

/// Whether a member is a mark of a language package's, and none of the user's.
pub(crate) fn is_mark(name: &str) -> bool {
    matches!(name, UNSUPPORTED | INSTEAD)
}

#[cfg(test)]
mod tests;
