//! The line of text or the media above an interactive message.

use serde::{Deserialize, Serialize};

use crate::message::MediaObject;
use crate::message::content::Checked;
use crate::message::limits;
use crate::message::tagged::tagged;
use crate::message::violation::Checker;

tagged! {
    /// A header, by its `type`.
    Header {
        /// A line of text.
        Text(HeaderText) = "text",
        /// A picture.
        Image(HeaderImage) = "image",
        /// A film.
        Video(HeaderVideo) = "video",
        /// A file.
        Document(HeaderDocument) = "document",
    }
}

impl Checked for Header {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        self.content().check(self.kind(), checker);
    }
}

macro_rules! headers {
    ($($(#[$docs:meta])* $name:ident $member:ident($type:ty) |$value:ident, $checker:ident| $check:expr;)*) => {$(
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// What is shown.
            pub $member: $type,
            /// A smaller line below it: up to 60 characters.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub sub_text: Option<String>,
        }

        impl From<$type> for $name {
            fn from($member: $type) -> Self {
                $name { $member, sub_text: None }
            }
        }

        impl Checked for $name {
            fn check(&self, _: &'static str, $checker: &mut Checker) {
                let $value = &self.$member;
                $check;
                $checker.optional_text("sub_text", self.sub_text.as_ref(), 0, limits::HEADER_TEXT);
            }
        }
    )*};
}

headers! {
    /// A line of text: 1 to 60 characters.
    HeaderText text(String) |text, checker| checker.text("text", text, 1, limits::HEADER_TEXT);
    /// A picture.
    HeaderImage image(MediaObject) |image, checker| checker.member("image", |c| image.check("image", c));
    /// A film.
    HeaderVideo video(MediaObject) |video, checker| checker.member("video", |c| video.check("video", c));
    /// A file.
    HeaderDocument document(MediaObject) |file, checker| checker.member("document", |c| file.check("document", c));
}
