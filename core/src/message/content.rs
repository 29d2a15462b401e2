//! What a message says.

use super::contacts::Contacts;
use super::interactive::Interactive;
use super::location::Location;
use super::media::MediaObject;
use super::open::Open;
use super::reaction::Reaction;
use super::template::Template;
use super::text::Text;
use super::violation::Checker;

/// Every kind of content, once: its variant, its type and its name in Graph's body, where it is both the `type` and the
/// member that holds it. Whatever needs one line per kind is built from this list.
macro_rules! each_content {
    ($build:ident) => {
        $build! {
            /// Text.
            Text(Text) text,
            /// A picture.
            Image(MediaObject) image,
            /// A film.
            Video(MediaObject) video,
            /// A sound, or a voice message.
            Audio(MediaObject) audio,
            /// A file.
            Document(MediaObject) document,
            /// A sticker.
            Sticker(MediaObject) sticker,
            /// A place on the map.
            Location(Location) location,
            /// People or businesses to add to the address book.
            Contacts(Contacts) contacts,
            /// An emoji on a message.
            Reaction(Reaction) reaction,
            /// Buttons, lists, products, forms …
            Interactive(Box<Interactive>) interactive,
            /// An approved template.
            Template(Template) template,
        }
    };
}
pub(crate) use each_content;

/// A content that knows its rules.
pub(super) trait Checked {
    /// Tells every mistake. `kind` is the content's name in Graph's body: media of different kinds share a type.
    fn check(&self, kind: &'static str, checker: &mut Checker);
}

macro_rules! content {
    ($($(#[$docs:meta])* $variant:ident($type:ty) $name:ident,)*) => {
        /// What a message says, by Graph's `type`.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Content {
            $($(#[$docs])* $variant($type),)*
            /// Something that is newer than this version: `type` and the other members of the body, unchecked.
            Raw(Open),
            /// Nothing, because what was given could not be read. What is wrong with it is told when it is checked.
            Unread(super::Invalid),
        }

        impl Content {
            /// Graph's `type`, which is also the name of the member that holds the content.
            pub fn kind(&self) -> &str {
                match self {
                    $(Content::$variant(_) => stringify!($name),)*
                    Content::Raw(members) => members.0.get("type").and_then(|kind| kind.as_str()).unwrap_or_default(),
                    Content::Unread(_) => "",
                }
            }

            pub(super) fn check(&self, checker: &mut Checker) {
                match self {
                    $(Content::$variant(content) => {
                        checker.member(stringify!($name), |checker| content.check(stringify!($name), checker));
                    })*
                    Content::Raw(members) => members.check(checker),
                    Content::Unread(invalid) => invalid.violations.iter().for_each(|violation| checker.add(violation)),
                }
            }
        }
    };
}

each_content!(content);
