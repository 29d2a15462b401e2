//! Objects of which some members are known and none is lost.

use serde_json::Value;

use crate::message::Open;
use crate::message::near::{nearest, not_known};
use crate::message::read::kind_of;
use crate::message::violation::{Checker, Rule};

/// What a member has to be, in a user's words.
pub(super) trait Expected {
    const IS: &'static str;
}

macro_rules! expected {
    ($($type:ty = $is:literal;)*) => {$(
        impl Expected for $type {
            const IS: &'static str = $is;
        }
    )*};
}

expected! {
    String = "text";
    bool = "true or false";
    u32 = "a whole number of at least 0";
    Open = "an object";
    Value = "anything";
}

impl<T> Expected for Vec<T> {
    const IS: &'static str = "a list";
}

/// Tells members that are there and of another type than they should be, and what cannot be JSON. A name that is not known
/// is Meta's to judge, unless it is a slip of one that was not given.
pub(super) fn check_rest(
    rest: &Open,
    known: &[(&'static str, &'static str)],
    is_given: &[bool],
    checker: &mut Checker,
) {
    for (name, is) in known {
        match rest.0.get(*name) {
            None | Some(Value::Null) => {}
            Some(value) => {
                let got = kind_of(value);
                let why = match got == *is {
                    true => format!("is {is}, but what is in it has the wrong type"),
                    false => format!("must be {is}, got {got}"),
                };
                checker.refuse_at(name, Rule::Type, why);
            }
        }
    }
    if rest.wrong().is_some() {
        return rest.check(checker);
    }
    let absent: Vec<&str> = known
        .iter()
        .zip(is_given)
        .filter(|((name, _), is_given)| !**is_given && !rest.0.contains_key(*name))
        .map(|((name, _), _)| *name)
        .collect();
    for name in rest.0.keys().filter(|name| nearest(name, &absent).is_some()) {
        checker.key(name, |checker| checker.refuse(Rule::Unknown, not_known(name, &absent)));
    }
    let unknown = rest.0.iter().filter(|(name, _)| !known.iter().any(|(known, _)| known == name));
    Open(unknown.map(|(name, value)| (name.clone(), value.clone())).collect()).check(checker);
}

/// Writes such objects. Reading one never fails: a member of another type stays in `rest`, as a member that is not known
/// does, and is told when the definition is checked.
macro_rules! open {
    ($($(#[$docs:meta])* $name:ident as $schema:literal { $($(#[$member_docs:meta])* $member:ident: $type:ty = $wire:literal,)* })*) => {$(
        $(#[$docs])*
        #[derive(Debug, Clone, Default, PartialEq)]
        #[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "manifest", schemars(rename = $schema))]
        pub struct $name {
            $(
                $(#[$member_docs])*
                #[cfg_attr(feature = "manifest", schemars(rename = $wire))]
                pub $member: Option<$type>,
            )*
            /// Members that this version does not know, as they are.
            #[cfg_attr(feature = "manifest", schemars(skip))]
            pub rest: $crate::message::Open,
        }

        impl $crate::template::open::Expected for $name {
            const IS: &'static str = "an object";
        }

        impl $name {
            /// Tells what is of another type than it should be, here and not below.
            pub(super) fn check_types(&self, checker: &mut $crate::message::violation::Checker) {
                const KNOWN: &[(&str, &str)] =
                    &[$(($wire, <$type as $crate::template::open::Expected>::IS),)*];
                let is_given = [$(self.$member.is_some()),*];
                $crate::template::open::check_rest(&self.rest, KNOWN, &is_given, checker);
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                $(if let Some($member) = &self.$member {
                    map.serialize_entry($wire, $member)?;
                })*
                for (name, value) in &self.rest.0 {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut rest = $crate::message::Open::from(serde_json::Value::deserialize(deserializer)?);
                $(
                    let $member = rest.0.get($wire).and_then(|value| <$type as serde::Deserialize>::deserialize(value).ok());
                    if $member.is_some() {
                        rest.0.shift_remove($wire);
                    }
                )*
                Ok($name { $($member,)* rest })
            }
        }
    )*};
}
pub(super) use open;
