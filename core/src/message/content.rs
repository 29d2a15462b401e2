//! What a message says.

use super::interactive::Interactive;
use super::location::Location;
use super::media::MediaObject;
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
            /// A file.
            Document(MediaObject) document,
            /// A place on the map.
            Location(Location) location,
            /// Buttons.
            Interactive(Interactive) interactive,
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
        }

        impl Content {
            /// Graph's `type`, which is also the name of the member that holds the content.
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Content::$variant(_) => stringify!($name),)*
                }
            }

            pub(super) fn check(&self, checker: &mut Checker) {
                let kind = self.kind();
                checker.member(kind, |checker| match self {
                    $(Content::$variant(content) => content.check(kind, checker),)*
                });
            }
        }
    };
}

each_content!(content);
