//! One value that is read: what it is, where it is, and noting what is wrong with it.

use std::cell::RefCell;

use serde::de;
use serde_json::Value;

use super::UNSUPPORTED;
use super::kind_of;
use super::path::{Path, violation};
use crate::message::violation::{Rule, Violation};

/// What is to be read.
#[derive(Clone, Copy)]
pub(super) enum Node<'v> {
    Given(&'v Value),
    /// A member that is not there: fine where it is optional, else a violation.
    Missing,
    /// Below something that was already reported.
    StandIn,
}

/// The deserializer of one value.
#[derive(Clone, Copy)]
pub(super) struct Reader<'v, 'p> {
    pub(super) node: Node<'v>,
    pub(super) path: &'p Path<'p>,
    /// The member that has been read already, because it says what the others are.
    pub(super) tag: Option<&'static str>,
    /// Names that are known here beside those of the type.
    pub(super) beside: &'static [&'static str],
    pub(super) notes: &'p RefCell<Vec<Violation>>,
}

/// A type refused what it was given in a way that this reader does not know.
#[derive(Debug)]
pub(super) struct Stopped(pub(super) String);

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stopped {}

impl de::Error for Stopped {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Stopped(message.to_string())
    }
}

impl<'v> Reader<'v, '_> {
    pub(super) fn note(&self, rule: Rule, message: impl Into<String>) {
        self.notes.borrow_mut().push(violation(self.path, rule, message));
    }

    /// A type's own refusal, told where it happened; further up it only ends the reading.
    pub(super) fn note_stop(&self, stopped: Stopped) -> Stopped {
        if !stopped.0.is_empty() {
            self.note(Rule::Type, stopped.0);
        }
        Stopped(String::new())
    }

    /// The value, if `pick` can take it; otherwise notes what was expected.
    pub(super) fn take<T>(&self, expected: &str, pick: impl FnOnce(&'v Value) -> Option<T>) -> Option<T> {
        match self.node {
            Node::StandIn => None,
            Node::Missing | Node::Given(Value::Null) => {
                self.note(Rule::Required, format!("is required: {expected}"));
                None
            }
            Node::Given(value) => {
                let picked = pick(value);
                if picked.is_none() {
                    self.note(Rule::Type, format!("must be {expected}, got {}", kind_of(value)));
                }
                picked
            }
        }
    }
}

/// An object, unless it stands for a value that JSON cannot carry.
pub(super) fn object(value: &Value) -> Option<&serde_json::Map<String, Value>> {
    value.as_object().filter(|members| !members.contains_key(UNSUPPORTED))
}
