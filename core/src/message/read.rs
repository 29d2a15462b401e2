//! Reads JSON into typed values and tells *every* mistake, not only the first.
//!
//! A derived `Deserialize` stops at its first error and does not say where it was. This deserializer notes a wrong type, a
//! missing member or an unknown one with its path, hands a harmless stand-in to the type and goes on. What comes out is only
//! used when nothing was noted.
//!
//! It relies on two habits of the types read with it: optional members are `Option` (never `#[serde(default)]`), and
//! nothing is flattened. Objects whose `type` says what else they have are made with [`tagged!`](super::tagged): serde's
//! own `#[serde(tag)]` reads into a buffer first, and whatever goes wrong after that has no place any more.

use std::cell::RefCell;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};
use serde_json::Value;

use super::near::not_known;
use super::violation::{Rule, Violation};

/// What a language package puts in place of a value that JSON cannot carry (bytes, NaN, half a surrogate pair, any other
/// object), with the value's kind in that language's word, so that it is reported at its place and not as a JSON error.
pub(crate) const UNSUPPORTED: &str = "$unsupported";

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
    let Reading { value, violations } = read_all(value);
    value.filter(|_| violations.is_empty()).ok_or(violations)
}

/// The same, with what could be read in spite of mistakes.
pub(crate) fn read_all<T: DeserializeOwned>(value: &Value) -> Reading<T> {
    let notes = RefCell::new(Vec::new());
    let root = Reader { node: Node::Given(value), path: &Path::Root, tag: None, notes: &notes };
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

fn violation(path: &Path<'_>, rule: Rule, message: impl Into<String>) -> Violation {
    let mut text = String::new();
    path.write(&mut text);
    Violation { path: text, rule: rule.name().to_owned(), message: message.into() }
}

enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    fn write(&self, text: &mut String) {
        match self {
            Path::Root => {}
            Path::Member(parent, name) => {
                parent.write(text);
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Path::Item(parent, index) => {
                parent.write(text);
                text.push_str(&format!("[{index}]"));
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Node<'v> {
    Given(&'v Value),
    /// A member that is not there: fine where it is optional, else a violation.
    Missing,
    /// Below something that was already reported.
    StandIn,
}

#[derive(Clone, Copy)]
struct Reader<'v, 'p> {
    node: Node<'v>,
    path: &'p Path<'p>,
    /// The member that has been read already, because it says what the others are.
    tag: Option<&'static str>,
    notes: &'p RefCell<Vec<Violation>>,
}

/// A type refused what it was given in a way that this reader does not know.
#[derive(Debug)]
struct Stopped(String);

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
    fn note(&self, rule: Rule, message: impl Into<String>) {
        self.notes.borrow_mut().push(violation(self.path, rule, message));
    }

    /// A type's own refusal, told where it happened; further up it only ends the reading.
    fn note_stop(&self, stopped: Stopped) -> Stopped {
        if !stopped.0.is_empty() {
            self.note(Rule::Type, stopped.0);
        }
        Stopped(String::new())
    }

    /// The value, if `pick` can take it; otherwise notes what was expected.
    fn take<T>(&self, expected: &str, pick: impl FnOnce(&'v Value) -> Option<T>) -> Option<T> {
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
fn object(value: &Value) -> Option<&serde_json::Map<String, Value>> {
    value.as_object().filter(|members| !members.contains_key(UNSUPPORTED))
}

/// What stands one level too high, told as what it is instead of as all that is missing around it: the name of the type
/// that belongs there, a member that gives the other one away, and what to write.
const MISPLACED: &[(&str, &str, &str)] =
    &[("ListSection", "id", r#"is a row; rows stand in a section: {"title": …, "rows": [{"id": …, "title": …}]}"#)];

fn misplaced(name: &str, members: &serde_json::Map<String, Value>) -> Option<&'static str> {
    let is_it = |(belongs, gives_away, _): &&(&str, &str, &str)| name == *belongs && members.contains_key(*gives_away);
    MISPLACED.iter().find(is_it).map(|(_, _, what)| *what)
}

impl<'v> Reader<'v, '_> {
    /// The value as the variant that its member `tag` names.
    fn tagged<'de, V: Visitor<'de>>(
        self,
        tag: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stopped> {
        let members = self.take("an object", object);
        let path = Path::Member(self.path, tag);
        let node = match members {
            Some(members) => members.get(tag).map_or(Node::Missing, Node::Given),
            None => Node::StandIn,
        };
        let chosen = Reader { node, path: &path, tag: None, notes: self.notes }.choice(variants);
        // Below what is not known everything is a stand-in: what its members mean is not known either.
        let content = if chosen.is_some() { self.node } else { Node::StandIn };
        let variant = chosen.or(variants.first().copied()).ok_or_else(|| Stopped("has no values".to_owned()))?;
        visitor.visit_enum(Variant { variant, content: Reader { node: content, tag: Some(tag), ..self } })
    }

    /// Which of these the text is.
    fn choice(&self, variants: &'static [&'static str]) -> Option<&'static str> {
        let given = self.take("text", Value::as_str)?;
        let known = variants.iter().find(|variant| **variant == given);
        if known.is_none() {
            self.note(Rule::Choice, format!("must be one of {}, got {given:?}", variants.join(", ")));
        }
        known.copied()
    }
}

/// The variant of a tagged enum, and the object that it is read from.
struct Variant<'v, 'p> {
    variant: &'static str,
    content: Reader<'v, 'p>,
}

impl<'de, 'v, 'p> de::EnumAccess<'de> for Variant<'v, 'p> {
    type Error = Stopped;
    type Variant = Reader<'v, 'p>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), Stopped> {
        let name: StrDeserializer<'_, Stopped> = self.variant.into_deserializer();
        Ok((seed.deserialize(name)?, self.content))
    }
}

impl<'de> de::VariantAccess<'de> for Reader<'_, '_> {
    type Error = Stopped;

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Stopped> {
        seed.deserialize(self)
    }

    fn unit_variant(self) -> Result<(), Stopped> {
        Err(Stopped("must be made with tagged!".to_owned()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Stopped> {
        Err(Stopped("must be made with tagged!".to_owned()))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Stopped> {
        Err(Stopped("must be made with tagged!".to_owned()))
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty, $pick:ident, $expected:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
            let number = self.take($expected, |value| value.$pick().and_then(|n| <$type>::try_from(n).ok()));
            visitor.$visit(number.unwrap_or_default())
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Reader<'_, '_> {
    type Error = Stopped;

    /// Types that accept more than one kind (a list or an object of variables) look for themselves; they take `unit` as
    /// a stand-in.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        match self.node {
            Node::StandIn => visitor.visit_unit(),
            Node::Missing => {
                self.note(Rule::Required, "is required");
                visitor.visit_unit()
            }
            Node::Given(value) => match value {
                Value::Null => visitor.visit_unit(),
                Value::Bool(truth) => visitor.visit_bool(*truth),
                Value::Number(number) => {
                    if let Some(n) = number.as_u64() {
                        visitor.visit_u64(n)
                    } else if let Some(n) = number.as_i64() {
                        visitor.visit_i64(n)
                    } else {
                        visitor.visit_f64(number.as_f64().unwrap_or_default())
                    }
                }
                Value::String(text) => visitor.visit_str(text),
                Value::Array(items) => visitor.visit_seq(Items { items: items.iter().enumerate(), parent: self }),
                Value::Object(members) => visitor.visit_map(Members::of_map(self, members)),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        let truth = self.take("true or false", Value::as_bool);
        visitor.visit_bool(truth.unwrap_or_default())
    }

    numbers! {
        deserialize_i8 visit_i8 i8, as_i64, "a whole number";
        deserialize_i16 visit_i16 i16, as_i64, "a whole number";
        deserialize_i32 visit_i32 i32, as_i64, "a whole number";
        deserialize_i64 visit_i64 i64, as_i64, "a whole number";
        deserialize_u8 visit_u8 u8, as_u64, "a whole number of at least 0";
        deserialize_u16 visit_u16 u16, as_u64, "a whole number of at least 0";
        deserialize_u32 visit_u32 u32, as_u64, "a whole number of at least 0";
        deserialize_u64 visit_u64 u64, as_u64, "a whole number of at least 0";
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        let number = self.take("a number", Value::as_f64);
        visitor.visit_f64(number.unwrap_or_default())
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        let text = self.take("text", Value::as_str);
        visitor.visit_str(text.unwrap_or_default())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        match self.node {
            Node::Missing | Node::StandIn | Node::Given(Value::Null) => visitor.visit_none(),
            Node::Given(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Stopped> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        let items = self.take("a list", Value::as_array).map(Vec::as_slice).unwrap_or_default();
        visitor.visit_seq(Items { items: items.iter().enumerate(), parent: self })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        match self.take("an object", Value::as_object) {
            Some(members) => visitor.visit_map(Members::of_map(self, members)),
            None => visitor.visit_map(Members { rest: Vec::new().into_iter(), next: None, parent: self }),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stopped> {
        let expected = match fields {
            [] => "an object".to_owned(),
            _ => format!("an object with {}", fields.join(", ")),
        };
        let mut members = self.take(&expected, object);
        if let Some(what) = members.and_then(|members| misplaced(name, members)) {
            self.note(Rule::Type, what);
            members = None;
        }
        if let Some(members) = members {
            let is_known = |name: &str| fields.contains(&name) || self.tag == Some(name);
            for name in members.keys().filter(|name| !is_known(name.as_str())) {
                let path = Path::Member(self.path, name);
                Reader { path: &path, ..self }.note(Rule::Unknown, not_known(name, fields));
            }
        }
        let rest: Vec<(&str, Node<'_>)> = fields
            .iter()
            .map(|name| match members {
                Some(members) => (*name, members.get(*name).map_or(Node::Missing, Node::Given)),
                None => (*name, Node::StandIn),
            })
            .collect();
        visitor.visit_map(Members { rest: rest.into_iter(), next: None, parent: self })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stopped> {
        if let Some(tag) = name.strip_prefix(TAGGED) {
            return self.tagged(tag, variants, visitor);
        }
        match self.choice(variants).or(variants.first().copied()) {
            Some(variant) => {
                let variant: StrDeserializer<'_, Stopped> = variant.into_deserializer();
                variant.deserialize_enum("", variants, visitor)
            }
            None => Err(Stopped("has no values".to_owned())),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

struct Items<'v, 'p> {
    items: std::iter::Enumerate<std::slice::Iter<'v, Value>>,
    parent: Reader<'v, 'p>,
}

impl<'de> de::SeqAccess<'de> for Items<'_, '_> {
    type Error = Stopped;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Stopped> {
        let Some((index, item)) = self.items.next() else { return Ok(None) };
        let path = Path::Item(self.parent.path, index);
        let item = Reader { node: Node::Given(item), path: &path, tag: None, notes: self.parent.notes };
        seed.deserialize(item).map_err(|stopped| item.note_stop(stopped)).map(Some)
    }
}

struct Members<'v, 'p> {
    rest: std::vec::IntoIter<(&'v str, Node<'v>)>,
    next: Option<(&'v str, Node<'v>)>,
    parent: Reader<'v, 'p>,
}

impl<'v, 'p> Members<'v, 'p> {
    fn of_map(parent: Reader<'v, 'p>, members: &'v serde_json::Map<String, Value>) -> Self {
        let rest: Vec<_> = members.iter().map(|(name, value)| (name.as_str(), Node::Given(value))).collect();
        Members { rest: rest.into_iter(), next: None, parent }
    }
}

impl<'de> de::MapAccess<'de> for Members<'_, '_> {
    type Error = Stopped;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stopped> {
        self.next = self.rest.next();
        match self.next {
            Some((name, _)) => {
                let name: StrDeserializer<'_, Stopped> = name.into_deserializer();
                seed.deserialize(name).map(Some)
            }
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Stopped> {
        let (name, node) = self.next.take().ok_or_else(|| Stopped("a value before its name".to_owned()))?;
        let path = Path::Member(self.parent.path, name);
        let member = Reader { node, path: &path, tag: None, notes: self.parent.notes };
        seed.deserialize(member).map_err(|stopped| member.note_stop(stopped))
    }
}

#[cfg(test)]
mod tests;
