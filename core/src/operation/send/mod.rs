//! The calls that send a message: one struct each, by family.

mod commerce;
mod interactive;
mod media;
mod order;
mod payload;
mod place;
mod request;
mod template;
mod text;

pub use commerce::{SendCatalog, SendProduct, SendProductList};
pub use interactive::{SendButtons, SendCarousel, SendCtaUrl, SendFlow, SendList};
pub use media::{SendAudio, SendDocument, SendImage, SendSticker, SendVideo};
pub use order::{SendOrderDetails, SendOrderStatus};
pub use payload::{SendPayload, SendRaw};
pub use place::{SendContacts, SendLocation};
pub use request::{
    SendAddressRequest, SendCallPermissionRequest, SendContactInfoRequest, SendLocationRequest, SendVoiceCall,
};
pub use template::SendTemplate;
pub use text::{RemoveReaction, SendReaction, SendText};

use crate::message::interactive::Frame;
use crate::message::violation::Rule;
use crate::message::{
    Content, Heading, Interactive, Marketing, Message, MessageId, Open, Recipient, Tracker, Violation,
};

/// What the arguments of a call became.
struct Built {
    content: Content,
    /// Mistakes in the arguments that the content cannot show.
    mistakes: Vec<Violation>,
    marketing: Option<Marketing>,
    /// Why it can only go to a phone number, if so.
    needs_phone: Option<&'static str>,
}

impl From<Content> for Built {
    fn from(content: Content) -> Self {
        Built { content, mistakes: Vec::new(), marketing: None, needs_phone: None }
    }
}

impl Built {
    /// An interactive message with any header.
    fn interactive<A>(
        kind: fn(Frame<A>) -> Interactive,
        frame: Frame<A>,
        header: Option<Heading>,
        footer: Option<String>,
    ) -> Self {
        let (header, wrong) = Heading::split(header.map(Heading::into_header));
        let built = Built::from(Content::Interactive(Box::new(kind(frame.with(header, footer)))));
        built.mistaken(wrong.into_iter().map(|mistake| mistake.below("interactive.header")))
    }

    fn mistaken(mut self, mistakes: impl IntoIterator<Item = Violation>) -> Self {
        self.mistakes.extend(mistakes);
        self
    }

    fn message(
        self,
        to: Recipient,
        reply_to: Option<MessageId>,
        tracker: Option<Tracker>,
        extra: Option<Open>,
    ) -> Message {
        let place = if to.is_user() { "recipient" } else { "to" };
        let wrong_recipient = self.needs_phone.filter(|_| to.is_user() || to.is_group());
        let mut message = Message::new(to, self.content).with(reply_to, tracker, extra);
        message.marketing = self.marketing;
        message.mistakes = self.mistakes;
        message.mistaken(wrong_recipient.map(|why| mistake(place, Rule::Conflict, why.to_owned())))
    }
}

fn mistake(path: impl Into<String>, rule: Rule, message: String) -> Violation {
    Violation { path: path.into(), rule: rule.name().to_owned(), message }
}

/// Writes a call that sends a message: its struct with the arguments that every message has, how Rust makes it, and the
/// methods of [`Client`](crate::Client) and [`Message`] that take its required arguments.
///
/// After an argument stands its place in Graph's body; further places follow in `places`. The last part makes the content of
/// the arguments, which it can name.
macro_rules! sends {
    (
        $(#[doc = $docs:literal])*
        $operation:ident: $method:ident, $constructor:ident, $example:literal {
            $($(#[doc = $required_docs:literal])* $required:ident: $required_type:ty $(= $required_place:literal)?,)*
            ;
            $($(#[doc = $optional_docs:literal])* $optional:ident: $optional_type:ty $(= $optional_place:literal)?,)*
        }
        $(places { $($argument:literal = $place:literal,)* })?
        => $content:expr
    ) => {
        $(#[doc = $docs])*
        #[derive(Debug, Clone, PartialEq, serde::Deserialize)]
        #[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $operation {
            /// Who it goes to: a phone number with `+` and country code, a business-scoped user id, a group, or the event of
            /// a message: whoever wrote it.
            pub to: $crate::message::Recipient,
            $($(#[doc = $required_docs])* pub $required: $required_type,)*
            $($(#[doc = $optional_docs])* pub $optional: Option<$optional_type>,)*
            /// The id (`wamid.…`) of the message that this one answers, or the event that it came with: it is shown quoted.
            pub reply_to: Option<$crate::message::MessageId>,
            /// Text of up to 512 characters that every status webhook of this message carries back; made up unless given,
            /// left out when `false`.
            pub tracker: Option<$crate::message::Tracker>,
            /// Members of Graph's body that this version does not know, as Meta documents them. They are added to it,
            /// unchecked; what is there already stays.
            pub extra: Option<$crate::message::Open>,
        }

        builder!($operation {
            to: $crate::message::Recipient $(, $required: $required_type)*;
            $($optional: $optional_type,)*
            reply_to: $crate::message::MessageId, tracker: $crate::message::Tracker, extra: $crate::message::Open,
        });

        impl $crate::operation::MessageOperation for $operation {
            const NAME: &'static str = stringify!($method);
            const CONSTRUCTOR: &'static str = stringify!($constructor);
            const EXAMPLE: &'static str = $example;
            const PATHS: &'static [(&'static str, &'static str)] = &[
                $($((stringify!($required), $required_place),)?)*
                $($((stringify!($optional), $optional_place),)?)*
                $($(($argument, $place),)*)?
            ];

            fn message(self) -> $crate::message::Message {
                let $operation { to, $($required,)* $($optional,)* reply_to, tracker, extra } = self;
                $crate::operation::send::Built::from($content).message(to, reply_to, tracker, extra)
            }
        }

        impl $crate::message::Message {
            #[doc = concat!(
                "What [`", stringify!($operation), "`](crate::operation::", stringify!($operation),
                ") sends, with its required arguments."
            )]
            pub fn $constructor(
                to: impl Into<$crate::message::Recipient>
                $(, $required: impl Into<$required_type>)*
            ) -> Self {
                $operation::new(to $(, $required)*).into()
            }
        }

        impl From<$operation> for $crate::message::Message {
            fn from(operation: $operation) -> Self {
                $crate::operation::MessageOperation::message(operation)
            }
        }

        impl $crate::client::Client {
            #[doc = concat!(
                "[`", stringify!($operation), "`](crate::operation::", stringify!($operation),
                ") with its required arguments."
            )]
            ///
            /// # Errors
            /// Every [`Error`](crate::Error).
            pub async fn $method(
                &self,
                to: impl Into<$crate::message::Recipient>
                $(, $required: impl Into<$required_type>)*
            ) -> $crate::error::Result<$crate::client::SentMessage> {
                self.call($operation::new(to $(, $required)*)).await
            }
        }
    };
}
use sends;
