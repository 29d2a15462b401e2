//! Reading without ever failing: what is not as expected is absent, and stays in the event's `raw`.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::json::{Json, Node};

/// Times beyond this are milliseconds: in seconds it would be the year 5138. WhatsApp counts in seconds, Messenger and
/// Instagram in milliseconds, with exceptions on both sides.
const SECONDS_END: f64 = 1e11;

impl<'a> Node<'a> {
    pub(super) fn is_object(&self) -> bool {
        matches!(self.json, Json::Object(_))
    }

    pub(super) fn is_container(&self) -> bool {
        matches!(self.json, Json::Object(_) | Json::List(_))
    }

    /// The members of an object, by name.
    pub(super) fn members(&self) -> &[(Cow<'a, str>, Node<'a>)] {
        match &self.json {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    /// A member of an object, unless it is null.
    pub(super) fn get(&self, name: &str) -> Option<&Node<'a>> {
        self.member(name.as_bytes())
    }

    fn member(&self, name: &[u8]) -> Option<&Node<'a>> {
        let Json::Object(members) = &self.json else { return None };
        members
            .iter()
            .rev()
            .find(|(known, _)| known.as_bytes() == name)
            .map(|(_, node)| node)
            .filter(|node| !matches!(node.json, Json::Null))
    }

    /// A member by its path, `error_data.details`; of several paths (`a.b|c`) the first that leads somewhere.
    pub(super) fn find(&self, paths: &str) -> Option<&Node<'a>> {
        let mut paths = paths.as_bytes().split(|byte| *byte == b'|');
        paths.find_map(|path| path.split(|byte| *byte == b'.').try_fold(self, |node, name| node.member(name)))
    }

    /// Text, or the text of a number: ids come as both.
    pub(super) fn str(&self) -> Option<&str> {
        match &self.json {
            Json::Text(text) => Some(text),
            Json::Number => Some(self.text),
            _ => None,
        }
    }

    /// [`Node::str`] of a member.
    pub(super) fn str_of(&self, name: &str) -> Option<&str> {
        self.get(name)?.str()
    }

    pub(super) fn text_of(&self, name: &str) -> Option<String> {
        self.str_of(name).map(str::to_owned)
    }

    /// [`Node::str`] of what [`Node::find`] finds.
    pub(super) fn str_at(&self, paths: &str) -> Option<&str> {
        self.find(paths)?.str()
    }

    pub(super) fn text_at(&self, paths: &str) -> Option<String> {
        self.str_at(paths).map(str::to_owned)
    }

    /// A number, or a text that is one.
    pub(super) fn number(&self) -> Option<f64> {
        self.str()?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// A moment in seconds since 1970.
    pub(super) fn time(&self) -> Option<f64> {
        let number = self.number()?;
        Some(if number.abs() > SECONDS_END { number / 1000.0 } else { number })
    }

    pub(super) fn flag(&self) -> Option<bool> {
        match &self.json {
            Json::Bool(flag) => Some(*flag),
            _ => match self.str()? {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
        }
    }

    /// The items of a list; of anything else that is something, itself alone.
    pub(super) fn items(&self) -> &[Node<'a>] {
        match &self.json {
            Json::List(items) => items,
            Json::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// [`Node::items`] of a member.
    pub(super) fn items_of(&self, name: &str) -> &[Node<'a>] {
        self.get(name).map_or(&[], Node::items)
    }

    pub(super) fn to_value(&self) -> Value {
        match &self.json {
            Json::Null => Value::Null,
            Json::Bool(flag) => Value::Bool(*flag),
            Json::Number => number(self.text),
            Json::Text(text) => Value::String(text.clone().into_owned()),
            Json::List(items) => items.iter().map(Node::to_value).collect(),
            Json::Object(members) => {
                Value::Object(members.iter().map(|(name, node)| (name.clone().into_owned(), node.to_value())).collect())
            }
        }
    }

    /// The members of an object as JSON values.
    pub(super) fn to_map(&self) -> Option<Map<String, Value>> {
        match self.to_value() {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }
}

/// A number as JSON values have it; one that is out of their range stays text.
fn number(text: &str) -> Value {
    text.parse::<Number>().map_or_else(|_| Value::String(text.to_owned()), Value::Number)
}

/// What can be read from a node, if it is there.
pub(super) trait Lenient: Sized {
    fn lenient(node: &Node<'_>) -> Option<Self>;
}

impl Lenient for String {
    fn lenient(node: &Node<'_>) -> Option<Self> {
        node.str().map(str::to_owned)
    }
}

impl Lenient for f64 {
    fn lenient(node: &Node<'_>) -> Option<Self> {
        node.number()
    }
}

impl Lenient for i64 {
    fn lenient(node: &Node<'_>) -> Option<Self> {
        let text = node.str()?.trim();
        // As in 600.0 and 1e3. Beyond 2^53 a float is not the number that was written.
        let whole = || node.number().filter(|n| n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_992.0);
        #[allow(clippy::cast_possible_truncation, reason = "it is whole and in range")]
        text.parse().ok().or_else(|| whole().map(|number| number as i64))
    }
}

impl Lenient for bool {
    fn lenient(node: &Node<'_>) -> Option<Self> {
        node.flag()
    }
}

impl Lenient for Value {
    fn lenient(node: &Node<'_>) -> Option<Self> {
        Some(node.to_value())
    }
}

impl<T: Lenient> Lenient for Box<T> {
    fn lenient(node: &Node<'_>) -> Option<Self> {
        T::lenient(node).map(Box::new)
    }
}

/// A member of one of the structs here: it is there, or absent in its own way.
pub(super) trait Member {
    fn member(node: Option<&Node<'_>>) -> Self;

    /// Whether it is left out where the struct is written.
    fn is_left_out(&self) -> bool;
}

impl<T: Lenient> Member for Option<T> {
    fn member(node: Option<&Node<'_>>) -> Self {
        node.and_then(T::lenient)
    }

    fn is_left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T: Lenient> Member for Vec<T> {
    fn member(node: Option<&Node<'_>>) -> Self {
        node.map_or(&[][..], Node::items).iter().filter_map(T::lenient).collect()
    }

    fn is_left_out(&self) -> bool {
        false
    }
}

/// Whether a path is the name of a member, and nothing more.
pub(super) const fn is_name(paths: &str) -> bool {
    let paths = paths.as_bytes();
    let mut at = 0;
    while at < paths.len() {
        if matches!(paths[at], b'|' | b'.') {
            return false;
        }
        at += 1;
    }
    true
}

/// A struct that is read from an object: its members, each with where it stands there.
macro_rules! details {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            $($(#[$docs:meta])* $field:ident: $ty:ty = $paths:literal $(as $read:ident)?,)*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
        #[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$docs])*
                #[serde(skip_serializing_if = "crate::webhook::read::Member::is_left_out")]
                pub $field: $ty,
            )*
        }

        impl crate::webhook::read::Lenient for $name {
            fn lenient(node: &crate::webhook::json::Node<'_>) -> Option<Self> {
                node.is_object().then(|| $name {
                    $($field: details!(@read details!(@find node, $paths) $(, $read)?),)*
                })
            }
        }
    )*};
    // Most are the name of a member, and there are dozens of them for each item.
    (@find $node:expr, $paths:literal) => {
        if const { crate::webhook::read::is_name($paths) } { $node.get($paths) } else { $node.find($paths) }
    };
    (@read $found:expr) => { crate::webhook::read::Member::member($found) };
    (@read $found:expr, $read:ident) => { $found.and_then(crate::webhook::json::Node::$read) };
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    #[test]
    fn numbers_and_texts_stand_for_each_other() {
        let document =
            json::read(r#"{"a": 16505551234, "b": "7.5", "c": 1.0, "d": "1e400", "e": true, "t": 1749416383123}"#);
        let document = document.unwrap();
        let root = &document.root;
        let at = |name| root.get(name).unwrap();
        assert_eq!(String::lenient(at("a")).as_deref(), Some("16505551234"));
        assert_eq!(f64::lenient(at("b")), Some(7.5));
        assert_eq!(
            (i64::lenient(at("a")), i64::lenient(at("c")), i64::lenient(at("b"))),
            (Some(16_505_551_234), Some(1), None)
        );
        assert_eq!((f64::lenient(at("d")), String::lenient(at("e")), bool::lenient(at("e"))), (None, None, Some(true)));
        assert_eq!((at("t").time(), at("a").time()), (Some(1_749_416_383.123), Some(16_505_551_234.0)));
    }

    #[test]
    fn paths_lead_to_the_first_that_is_there() {
        let document = json::read(r#"{"a": {"b": null, "c": 1}, "d": 2, "d": 3}"#).unwrap();
        assert_eq!(document.root.str_at("a.b|a.c"), Some("1"));
        assert_eq!(document.root.str_of("d"), Some("3"));
        assert_eq!(document.root.str_at("a.c.d|x"), None);
    }
}
