//! What serde asks for, type by type.

use serde::de::value::StrDeserializer;
use serde::de::{self, IntoDeserializer, Visitor};
use serde_json::Value;

use super::TAGGED;
use super::inside::{Items, Members};
use super::path::Path;
use super::reader::{Node, Reader, Stopped, object};
use crate::message::near::not_known;
use crate::message::violation::Rule;

/// What stands one level too high, told as what it is instead of as all that is missing around it: the name of the type
/// that belongs there, a member that gives the other one away, and what to write.
const MISPLACED: &[(&str, &str, &str)] =
    &[("ListSection", "id", r#"is a row; rows stand in a section: {"title": …, "rows": [{"id": …, "title": …}]}"#)];

fn misplaced(name: &str, members: &serde_json::Map<String, Value>) -> Option<&'static str> {
    let is_it = |(belongs, gives_away, _): &&(&str, &str, &str)| name == *belongs && members.contains_key(*gives_away);
    MISPLACED.iter().find(is_it).map(|(_, _, what)| *what)
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
            let known = [fields, self.beside].concat();
            for name in members.keys().filter(|name| !is_known(name.as_str())) {
                let path = Path::Member(self.path, name);
                Reader { path: &path, ..self }.note(Rule::Unknown, not_known(name, &known));
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
