//! What lists and objects hold.

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer};
use serde_json::Value;

use super::path::Path;
use super::reader::{Node, Reader, Stopped};

/// The items of a list.
pub(super) struct Items<'v, 'p> {
    pub(super) items: std::iter::Enumerate<std::slice::Iter<'v, Value>>,
    pub(super) parent: Reader<'v, 'p>,
}

impl<'de> de::SeqAccess<'de> for Items<'_, '_> {
    type Error = Stopped;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Stopped> {
        let Some((index, item)) = self.items.next() else { return Ok(None) };
        let path = Path::Item(self.parent.path, index);
        let item = Reader { node: Node::Given(item), path: &path, tag: None, beside: &[], notes: self.parent.notes };
        seed.deserialize(item).map_err(|stopped| item.note_stop(stopped)).map(Some)
    }
}

/// The members of an object.
pub(super) struct Members<'v, 'p> {
    pub(super) rest: std::vec::IntoIter<(&'v str, Node<'v>)>,
    pub(super) next: Option<(&'v str, Node<'v>)>,
    pub(super) parent: Reader<'v, 'p>,
}

impl<'v, 'p> Members<'v, 'p> {
    pub(super) fn of_map(parent: Reader<'v, 'p>, members: &'v serde_json::Map<String, Value>) -> Self {
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
        let member = Reader { node, path: &path, tag: None, beside: &[], notes: self.parent.notes };
        seed.deserialize(member).map_err(|stopped| member.note_stop(stopped))
    }
}
