//! Objects whose `type` says what else they have, and members that can only say one word.

/// Writes an enum of such objects, by their `type`, for [`read`](super::read) and for serialization.
///
/// Each variant holds a struct with the other members. serde's own `#[serde(tag)]` would do for writing; it cannot be read
/// with the place of each mistake.
macro_rules! tagged {
    ($(#[$docs:meta])* $name:ident { $($(#[$variant_docs:meta])* $variant:ident($content:ty) = $word:literal,)* }) => {
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, serde::Deserialize)]
        #[serde(rename = "$tagged by type")]
        pub enum $name {
            $($(#[$variant_docs])* #[serde(rename = $word)] $variant($content),)*
        }

        impl $name {
            /// Graph's `type`.
            pub fn kind(&self) -> &'static str {
                match self {
                    $($name::$variant(_) => $word,)*
                }
            }

            /// The other members.
            pub(in crate::message) fn content(&self) -> &dyn $crate::message::content::Checked {
                match self {
                    $($name::$variant(content) => content,)*
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                #[derive(serde::Serialize)]
                #[serde(tag = "type")]
                enum Wire<'a> {
                    $(#[serde(rename = $word)] $variant(&'a $content),)*
                }
                match self {
                    $($name::$variant(content) => Wire::$variant(content),)*
                }
                .serialize(serializer)
            }
        }
    };
}
pub(crate) use tagged;

/// Writes types of members that can only say one word: it says nothing that the type around it does not know.
macro_rules! words {
    ($($(#[$docs:meta])* $name:ident = $word:literal;)*) => {$(
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
        pub enum $name {
            #[doc = concat!("`", $word, "`")]
            #[default]
            #[serde(rename = $word)]
            Is,
        }
    )*};
}
pub(crate) use words;
