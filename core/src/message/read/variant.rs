//! Enums by a member of their own, which [`tagged!`](crate::message::tagged) makes, and choices of a word.

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};
use serde_json::Value;

use super::path::Path;
use super::reader::{Node, Reader, Stopped, object};
use crate::message::violation::Rule;

impl<'v> Reader<'v, '_> {
    /// The value as the variant that its member `tag` names.
    pub(super) fn tagged<'de, V: Visitor<'de>>(
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
        let chosen = Reader { node, path: &path, tag: None, beside: &[], notes: self.notes }.choice(variants);
        // Below what is not known everything is a stand-in: what its members mean is not known either.
        let content = if chosen.is_some() { self.node } else { Node::StandIn };
        let variant = chosen.or(variants.first().copied()).ok_or_else(|| Stopped("has no values".to_owned()))?;
        visitor.visit_enum(Variant { variant, content: Reader { node: content, tag: Some(tag), ..self } })
    }

    /// Which of these the text is.
    pub(super) fn choice(&self, variants: &'static [&'static str]) -> Option<&'static str> {
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
