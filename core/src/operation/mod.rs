//! One struct per API call. Adding one is a struct here, a line in [`registry`], a vector in `tests/` and
//! `make codegen`.

mod arguments;
#[macro_use]
mod builder;
mod door;
mod mark_read;
pub mod registry;
mod send_buttons;
mod send_document;
mod send_image;
mod send_location;
mod send_payload;
mod send_template;
mod send_text;

#[cfg(feature = "manifest")]
mod manifest;

pub use mark_read::{Done, MarkRead};
pub use send_buttons::SendButtons;
pub use send_document::SendDocument;
pub use send_image::SendImage;
pub use send_location::SendLocation;
pub use send_payload::SendPayload;
pub use send_template::SendTemplate;
pub use send_text::SendText;

use serde::de::DeserializeOwned;

use crate::client::{Answered, Context, Operation, Request, SentMessage};
use crate::message::{Invalid, Message};
use crate::outcome::Effect;

/// A call that sends a message: it only says which.
pub trait MessageOperation: DeserializeOwned + Send {
    /// The name in every language: `send_text`.
    const NAME: &'static str;
    /// The name of the constructor `Message.<name>` that takes the same arguments: `text`.
    const CONSTRUCTOR: &'static str;
    /// Where arguments stand in Graph's body, beside those that every message has.
    const PATHS: &'static [(&'static str, &'static str)];

    /// The message. Mistakes in it are found when it is checked; the error is for what is no message at all.
    ///
    /// # Errors
    /// [`Invalid`] with every mistake.
    fn message(self) -> Result<Message, Invalid>;
}

impl<M: MessageOperation> Operation for M {
    const NAME: &'static str = M::NAME;
    const EFFECT: Effect = Effect::Message;
    const CONSTRUCTOR: Option<&'static str> = Some(M::CONSTRUCTOR);
    const PATHS: &'static [(&'static str, &'static str)] = M::PATHS;
    type Output = SentMessage;

    fn request(self, cx: &Context<'_>) -> Result<Request, Invalid> {
        Request::message(self.message()?, cx)
    }

    fn answer(answered: &Answered<'_>) -> Option<SentMessage> {
        SentMessage::from_answer(answered)
    }

    fn into_message(self) -> Option<Result<Message, Invalid>> {
        Some(self.message())
    }
}
